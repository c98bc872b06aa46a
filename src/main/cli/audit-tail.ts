import { setTimeout as delay } from 'node:timers/promises';

import type { AuditLine, AuditMachine } from '../compose/audit-machine';

import { EXIT_LEFT_OUT, EXIT_UNREADABLE } from './audit-export';
import { drained, type CommandIo } from './command-io';

const POLL_MS = 300;

/** What is to be shown. */
export interface TailRequest {
  readonly count: number;
  readonly isFollowing: boolean;
  readonly isJson: boolean;
}

/** Shows the newest records, and with `isFollowing` those that come, until nobody reads any more. */
export async function tailLog(
  path: string,
  { count, isFollowing, isJson }: TailRequest,
  io: CommandIo,
  machine: AuditMachine,
): Promise<number> {
  const { stdout } = io;
  const reader = { isGone: false };
  stdout.on('error', () => {
    reader.isGone = true;
  });
  const added = machine.follow(path);
  // Looks before the last records are read: what comes in between is shown twice at worst, never lost.
  if (isFollowing) await added();
  const lines = await machine.last(path, count);
  if (lines.length === 0 && count > 0 && !isFollowing) {
    io.stderr.write(`There is no record in the audit log at ${path}.\n`);
    return EXIT_UNREADABLE;
  }
  const shown = new Set(lines.map(({ text }) => text));
  stdout.write(lines.map((line) => textOf(line, isJson)).join(''));
  while (isFollowing && !reader.isGone) {
    const fresh = (await added()).filter(({ text }) => !shown.has(text));
    shown.clear();
    const hasRoom = fresh.length === 0 || stdout.write(fresh.map((line) => textOf(line, isJson)).join(''));
    if (!hasRoom) await drained(stdout);
    await delay(POLL_MS);
  }
  return lines.every(({ record }) => record !== null) ? 0 : EXIT_LEFT_OUT;
}

/** One line for people, in which a terminal finds nothing to act on: records are printable ASCII. */
function textOf({ text, record }: AuditLine, isJson: boolean): string {
  if (record === null) return '(a line that is not as it was written; see mcp-router audit verify)\n';
  if (isJson) return `${text}\n`;
  const { time, seq, action, outcome, code, actor, facts } = record;
  const why = code === null ? '' : ` (${code})`;
  const { kind, claimedName, ...others } = actor;
  const name = claimedName === undefined ? [] : [JSON.stringify(claimedName)];
  const who = [kind, ...Object.values(others), ...name].map(String).join(' ');
  const about = Object.entries(facts).map(([name, value]) => `${name}=${ascii(JSON.stringify(value))}`);
  return `${[time, `#${String(seq)}`, `${action} ${outcome}${why}`, `[${ascii(who)}]`, ...about].join(' ')}\n`;
}

const ascii = (text: string): string =>
  text.replace(/[^\u0020-\u007e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
