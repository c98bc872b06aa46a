// @ts-check
import { quantile } from './measure.mjs';
import { desktopHeading, machineLine } from './report.mjs';

const MIB = 1024 ** 2;

/**
 * One round with the real app.
 * @typedef {object} DesktopRound
 * @property {number} startMs from starting the process to a window that shows "Connected"
 * @property {number} trayMs from the click on "Open" in the tray to the same
 * @property {number} firstShare processor time of all processes with the window open, as a share of one core, in the first minute
 * @property {number} openShare the same later
 * @property {number} closedShare the same with the window closed
 * @property {number} openBytes
 * @property {number} closedBytes
 */

/** @typedef {{ electron: string, memoryKind: 'PSS' | 'RSS', idleSeconds: number, rounds: readonly DesktopRound[] }} DesktopFigures */

/** @type {readonly { label: string, key: keyof DesktopRound, unit: 'ms' | '%' | 'MiB', aim: number | null }[]} */
const lines = [
  { label: 'start of the app to a true window', key: 'startMs', unit: 'ms', aim: 1000 },
  { label: 'click on Open in the tray to a true window', key: 'trayMs', unit: 'ms', aim: 1000 },
  { label: 'idle processor time, window open, first minute', key: 'firstShare', unit: '%', aim: 1 },
  { label: 'idle processor time, window open, later', key: 'openShare', unit: '%', aim: 1 },
  { label: 'idle processor time, window closed', key: 'closedShare', unit: '%', aim: 1 },
  { label: 'memory, window open', key: 'openBytes', unit: 'MiB', aim: null },
  { label: 'memory, window closed', key: 'closedBytes', unit: 'MiB', aim: null },
];

const factors = { ms: 1, '%': 100, MiB: 1 / MIB };
const shown = (/** @type {number} */ value, /** @type {'ms' | '%' | 'MiB'} */ unit) =>
  `${value.toFixed(unit === '%' ? 2 : 0)} ${unit}`;

/**
 * @param {DesktopFigures} figures
 * @returns {string} a table of Markdown: median, best and worst round, aim
 */
export function desktopTable({ rounds }) {
  const rows = lines.map(({ label, key, unit, aim }) => {
    const values = rounds.map((round) => round[key] * factors[unit]);
    const median = quantile(values, 0.5);
    const judged = aim === null ? ['', ''] : [`<= ${String(aim)} ${unit}`, median <= aim ? 'yes' : 'no'];
    const range = `${shown(Math.min(...values), unit)} to ${shown(Math.max(...values), unit)}`;
    return `| ${[label, shown(median, unit), range, ...judged].join(' | ')} |`;
  });
  return ['| measured | median | rounds | aim | met |', '| --- | ---: | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

/**
 * The section of docs/performance.md.
 * @param {DesktopFigures} figures
 * @param {string} date
 * @returns {string}
 */
export function desktopSection(figures, date) {
  const { electron, memoryKind, idleSeconds, rounds } = figures;
  const memory =
    memoryKind === 'PSS'
      ? 'PSS, summed: a page that several processes share counts once'
      : 'RSS, summed: a page that several processes share counts for each of them, so the sum is more than what is used';
  return [
    desktopHeading,
    `Written by \`npm run bench -- --desktop --write\` on ${date}. ${machineLine()}.`,
    desktopTable(figures),
    `The built app in Electron ${electron} on a display without graphics hardware, ${String(rounds.length)} rounds, each with a new start. A window is true when it is visible and a frame with the state "Connected" was painted, which the page itself notices. Idle: connected to a gateway on this machine, no client, ${String(idleSeconds)} s, all processes of the app, as a share of one core; in the first minute the window counts the seconds of the connection. Memory: all processes of the app, ${memory}.`,
  ].join('\n\n');
}
