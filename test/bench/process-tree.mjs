// @ts-check
import { readdirSync, readFileSync } from 'node:fs';

/**
 * @param {string} path
 * @returns {string} empty when the process is gone
 */
function readOrNothing(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return '';
    throw error;
  }
}

/** @returns {ReadonlyMap<number, number[]>} the children of each process */
function childrenByParent() {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // The name of the program, in parentheses, may hold anything.
    const stat = readOrNothing(`/proc/${name}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  return children;
}

/**
 * @param {number} root
 * @returns {readonly number[]} the process and all below it
 */
export function processTree(root) {
  const children = childrenByParent();
  /** @type {number[]} */
  const tree = [];
  const open = [root];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    tree.push(pid);
    open.push(...(children.get(pid) ?? []));
  }
  return tree;
}

/** Of the clock in which the kernel tells processor time (USER_HZ, the same on every Linux that Node runs on). */
const TICKS_PER_SECOND = 100;

/**
 * @param {readonly number[]} pids
 * @returns {number} processor time that they have used so far, in seconds
 */
export function processorSeconds(pids) {
  const ticks = pids.map((pid) => {
    const stat = readOrNothing(`/proc/${String(pid)}/stat`);
    // From the state on, which is field 3; utime and stime are 14 and 15 (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND;
}

/**
 * What processes hold in memory: PSS, in which a page that several share counts once in all; RSS, in which it counts for
 * each of them, where the kernel does not tell us.
 * @param {readonly number[]} pids
 * @returns {{ kind: 'PSS' | 'RSS', bytes: number }}
 */
export function heldMemory(pids) {
  const sum = (/** @type {string} */ file, /** @type {RegExp} */ line) => {
    const values = pids.map((pid) =>
      Number(line.exec(readOrNothing(`/proc/${String(pid)}/${file}`))?.[1] ?? 0),
    );
    return values.reduce((total, kib) => total + kib, 0) * 1024;
  };
  try {
    return { kind: 'PSS', bytes: sum('smaps_rollup', /^Pss:\s+(\d+) kB$/m) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')))
      throw error;
    return { kind: 'RSS', bytes: sum('status', /^VmRSS:\s+(\d+) kB$/m) };
  }
}

/**
 * @param {number} pid
 * @returns {number} the peak of its resident memory in bytes, as the kernel kept it
 */
function peakOf(pid) {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readOrNothing(`/proc/${String(pid)}/status`));
  return Number(peak?.[1] ?? 0) * 1024;
}

/**
 * The peaks of a process and all below it: their sum, and the largest one, which is the program itself where another
 * one started it. Null where there is no /proc.
 * @param {number} root
 * @returns {{ tree: number, largest: number } | null} bytes
 */
export function peakMemory(root) {
  if (process.platform !== 'linux') return null;
  const peaks = processTree(root).map(peakOf);
  return { tree: peaks.reduce((sum, peak) => sum + peak, 0), largest: Math.max(...peaks) };
}
