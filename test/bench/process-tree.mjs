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
  const children = childrenByParent();
  /** @type {number[]} */
  const peaks = [];
  const open = [root];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    peaks.push(peakOf(pid));
    open.push(...(children.get(pid) ?? []));
  }
  return { tree: peaks.reduce((sum, peak) => sum + peak, 0), largest: Math.max(...peaks) };
}
