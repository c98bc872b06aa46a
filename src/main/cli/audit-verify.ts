import type { AuditMachine, AuditProgress, SlotReport } from '../compose/audit-machine';

import type { CommandIo } from './command-io';

const EXIT = { proven: 0, wrong: 1, nothing: 2, unproven: 3 } as const;
/** Below this nobody has to wait. */
const PROGRESS_FROM_BYTES = 20 * 1024 * 1024;
const PROGRESS_EVERY_MS = 200;

/** Checks every chain of the log and says what is proven; returns the exit code. */
export async function verifyLog(
  path: string,
  isJson: boolean,
  io: CommandIo,
  machine: AuditMachine,
): Promise<number> {
  const progress = progressOn(io);
  const reports = await machine.check(path, progress.show);
  progress.end();
  const exitCode = exitCodeOf(reports);
  if (isJson) {
    io.stdout.write(`${JSON.stringify({ path, exitCode, chains: reports }, null, 2)}\n`);
  } else if (reports.length === 0) {
    io.stderr.write(`There is no audit log at ${path}.\n`);
  } else {
    io.stdout.write(reports.map(textOf).join(''));
  }
  return exitCode;
}

function exitCodeOf(reports: readonly SlotReport[]): number {
  if (reports.length === 0) return EXIT.nothing;
  if (reports.some(({ problem }) => problem !== null)) return EXIT.wrong;
  return reports.some(({ sealedTo }) => sealedTo === null) ? EXIT.unproven : EXIT.proven;
}

function textOf(report: SlotReport): string {
  const { path, records, problem, badLine, remarks } = report;
  const lines = [`${path}: ${verdict(report)}`, `  ${String(records)} records are in order${range(report)}`];
  if (problem !== null) {
    const where = badLine === null ? '' : ` (${badLine.file}, line ${String(badLine.line)})`;
    lines.push(`  First thing that is wrong: ${problem.text}${where}.`);
  }
  lines.push(...remarks.map((remark) => `  ! ${remark}`));
  return `${lines.join('\n')}\n`;
}

function verdict({ problem, sealedTo, sealedAt, to, whyUnsealed }: SlotReport): string {
  if (problem !== null) return 'NOT IN ORDER';
  if (sealedTo === null)
    return `whole to #${String(to)}; that nothing was cut off behind it cannot be proven: ${whyUnsealed ?? ''}`;
  const newer = to > sealedTo ? `; ${String(to - sealedTo)} newer records are whole, and not sealed yet` : '';
  return `complete to #${String(sealedTo)}, sealed ${sealedAt ?? ''}${newer}`;
}

const range = ({ records, from, to, lastTime }: SlotReport): string =>
  records === 0 ? '.' : `, #${String(from)} to #${String(to)} of ${lastTime ?? ''}.`;

/** Shown to people who wait, and to nobody else. */
function progressOn({ stderr }: CommandIo): { show(progress: AuditProgress): void; end(): void } {
  const isTerminal = 'isTTY' in stderr && stderr.isTTY === true;
  let shownAt = 0;
  return {
    show: ({ records, bytes, totalBytes }) => {
      const now = Date.now();
      if (!isTerminal || totalBytes < PROGRESS_FROM_BYTES || now - shownAt < PROGRESS_EVERY_MS) return;
      shownAt = now;
      const percent = Math.floor((bytes / totalBytes) * 100);
      stderr.write(`\rChecking: ${String(percent)} %, ${String(records)} records `);
    },
    end: () => {
      if (shownAt > 0) stderr.write('\r\u001b[K');
    },
  };
}
