import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';

import { CSV_HEAD, rendered, type AuditFormat } from '../compose/audit-format';
import type { AuditMachine, AuditRecord } from '../compose/audit-machine';

import { drained, type CommandIo } from './command-io';

/** What is to be written where. */
export interface ExportRequest {
  readonly format: AuditFormat;
  /** ISO 8601; null: from the first record. */
  readonly from: string | null;
  /** ISO 8601, itself not included; null: to the last record. */
  readonly to: string | null;
  /** A file that is not there yet; undefined: stdout. */
  readonly output: string | undefined;
}

/** Lines were left out that are not as they were written. */
export const EXIT_LEFT_OUT = 1;
/** There is nothing to read, or nowhere to write. */
export const EXIT_UNREADABLE = 2;

/** Writes the records of that time, the oldest first, in bounded memory; returns the exit code. */
export async function exportLog(
  path: string,
  { format, from, to, output }: ExportRequest,
  io: CommandIo,
  machine: AuditMachine,
): Promise<number> {
  const target = output === undefined ? toStdout(io.stdout) : toFile(output);
  let leftOut = 0;
  let written = 0;
  if (format === 'csv') await target.write(CSV_HEAD);
  for await (const lines of machine.all(path)) {
    const wanted = lines.filter(({ record }) => record === null || isWithin(record, from, to));
    const records = wanted.filter(({ record }) => record !== null);
    leftOut += wanted.length - records.length;
    written += records.length;
    if (records.length > 0) await target.write(records.map((line) => rendered(line, format)).join(''));
    if (target.problem !== null) break;
  }
  await target.end();
  // Whoever read it, such as `head`, has enough.
  if (target.problem === 'EPIPE') return 0;
  if (target.problem !== null) {
    io.stderr.write(`mcp-router audit: nothing more could be written: ${target.problem}\n`);
    return EXIT_UNREADABLE;
  }
  if (output !== undefined) io.stderr.write(`${String(written)} records were written to ${output}.\n`);
  if (leftOut === 0) return 0;
  io.stderr.write(
    `${String(leftOut)} lines were left out, because they are not as they were written; see mcp-router audit verify.\n`,
  );
  return EXIT_LEFT_OUT;
}

const isWithin = ({ time }: AuditRecord, from: string | null, to: string | null): boolean =>
  (from === null || time >= from) && (to === null || time < to);

interface Target {
  /** Waits while the reader is behind. */
  write(text: string): Promise<void>;
  end(): Promise<void>;
  /** Why nothing can be written any more. */
  readonly problem: string | null;
}

function toStdout(stdout: Writable): Target {
  return targetOf(stdout, () => Promise.resolve());
}

/** Only a new file: nothing is overwritten, and the records are for this user alone. */
function toFile(path: string): Target {
  const stream = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  return targetOf(stream, async () => {
    if (stream.destroyed) return;
    stream.end();
    await once(stream, 'close');
  });
}

function targetOf(stream: Writable, end: () => Promise<void>): Target {
  let problem: string | null = null;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    problem = error.code === 'EEXIST' ? 'the file is there already' : (error.code ?? error.message);
  });
  return {
    write: async (text) => {
      if (problem !== null || stream.write(text)) return;
      await drained(stream);
    },
    end: () => end().catch(() => undefined),
    get problem() {
      return problem;
    },
  };
}
