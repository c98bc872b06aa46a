// @ts-check
import { join } from 'node:path';
import { checkout, tool } from '../checkout.mjs';

/** Reports of vitest end up here. */
export const reportFolder = join(checkout, 'artifacts', 'reports');

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {readonly (readonly string[])[]} commands arguments for Node, one command after the other
 * @property {string | null} report file of vitest's JSON report; null for a tool, which counts as one
 * @property {boolean} isDesktop needs Debian's desktop packages, a keyring or Electron
 * @property {number} limitMs
 */

const minuteMs = 60_000;

/**
 * @param {string} name
 * @param {...readonly string[]} commands
 * @returns {Step}
 */
const toolStep = (name, ...commands) => ({
  name,
  commands,
  report: null,
  isDesktop: false,
  limitMs: 10 * minuteMs,
});

/**
 * @param {string} name
 * @param {readonly string[]} projects
 * @param {boolean} isDesktop
 * @returns {Step}
 */
function vitestStep(name, projects, isDesktop) {
  const report = join(reportFolder, `${name}.json`);
  const selection = projects.flatMap((project) => ['--project', project]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const command = [tool('vitest'), 'run', ...selection, ...reporters];
  return { name, commands: [command], report, isDesktop, limitMs: 20 * minuteMs };
}

/** @type {Step} Its report is written on the session's stage and taken home with the other artefacts. */
const desktop = {
  name: 'desktop',
  commands: [
    [
      join(checkout, 'scripts', 'desktop-session.mjs'),
      '--limit-minutes=20',
      '--',
      'node',
      join('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--config=vitest.desktop.config.ts',
      // The session's user may not write into the checkout.
      '--configLoader=runner',
    ],
  ],
  report: join(reportFolder, 'desktop.json'),
  isDesktop: true,
  limitMs: 22 * minuteMs,
};

/** All that CI runs, in this order. @type {readonly Step[]} */
export const steps = [
  toolStep('lint', [tool('eslint'), '--max-warnings', '0', '.']),
  toolStep('format', [tool('prettier'), '--check', '.']),
  toolStep('types', [tool('tsc'), '-p', 'tsconfig.node.json'], [tool('tsc'), '-p', 'tsconfig.web.json']),
  toolStep('build', [join(checkout, 'scripts', 'build.mjs'), '--if-stale']),
  vitestStep('fast', ['unit', 'contract', 'component'], false),
  vitestStep('integration', ['integration'], true),
  { ...toolStep('pack', [join(checkout, 'scripts', 'pack.mjs')]), isDesktop: true },
  desktop,
];
