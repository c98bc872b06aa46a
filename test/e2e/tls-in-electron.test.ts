import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { nodeProgram } from '../../scripts/build/bundle-options.mjs';
import { launchable, resolveElectron } from '../../scripts/electron-runtime.mjs';
import { isSandboxImpossible } from '../support/desktop-app';
import { outcomeOf, tlsCases, tlsRows, TlsCaseServers } from '../support/tls-cases';
import type { DialJob, Verdict } from '../support/tls-jobs';

/** What the program in Electron's main process found out. */
interface Findings {
  readonly electron: string;
  readonly verdicts: readonly Verdict[];
}

const PROGRAM_LIMIT_MS = 90_000;
let servers: TlsCaseServers;
let folder: string;
let findings: Findings;

/** Bundles the program as an app, and runs it without any display until it ends. */
async function runInElectron(jobs: readonly DialJob[]): Promise<Findings> {
  const app = join(folder, 'app');
  await mkdir(app);
  await writeFile(join(folder, 'jobs'), JSON.stringify(jobs));
  const manifest = { name: 'tls-jobs', version: '1.0.0', type: 'module', main: 'program.js' };
  await build({
    ...nodeProgram(process.cwd(), app, { program: 'test/support/tls-jobs-program.ts' }),
    configFile: false,
  });
  await writeFile(join(app, 'package.json'), JSON.stringify(manifest));
  const { executablePath, args } = launchable(await resolveElectron(), app);
  const isRoot = process.getuid?.() === 0;
  const switches = ['--ozone-platform=headless', '--disable-gpu'];
  if (isRoot || isSandboxImpossible()) switches.push('--no-sandbox');
  const child = spawn(executablePath, [...args, ...switches], {
    env: { ...process.env, HOME: folder, TLS_JOBS: join(folder, 'jobs') },
    stdio: 'ignore',
    timeout: PROGRAM_LIMIT_MS,
  });
  await new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
  const text = await readFile(join(folder, 'jobs.verdicts'), 'utf8');
  return JSON.parse(text) as Findings; // written by our own program
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tls-'));
  servers = await TlsCaseServers.start(tlsCases);
  findings = await runInElectron(tlsCases.map((each) => servers.job(each)));
});

afterAll(async () => {
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("what TLS refuses, in Electron's main process", () => {
  it('is asked of a real Electron', () => {
    expect(findings.electron).not.toBe('');
    expect(findings.verdicts).toHaveLength(tlsCases.length);
  });

  it.each(tlsRows)('SEC-01 SEC-20 SEC-21 SEC-22 %s: %s', (name, outcome, each) => {
    const verdict = findings.verdicts.find((candidate) => candidate.name === name);
    if (verdict === undefined) throw new Error(`no verdict on ${name}`);
    expect(outcomeOf(verdict), verdict.detail).toBe(outcome);
    expect(verdict.detail).toContain(each.detail ?? '');
    expect(servers.upgrades(each)).toBe(outcome === 'connected' ? 1 : 0);
  });
});
