import { daysSince } from '../../shared/model/credential-age';
import type { Listed, ListedCertificate, ListedToken } from '../compose/token-machine';

import type { CommandIo } from './command-io';

/** Prints names, dates and ages; returns the exit code. */
export function listTokens(
  { stored, certificates, rotationDays }: Listed,
  isJson: boolean,
  io: CommandIo,
): number {
  const entries = [...stored].sort((a, b) => a.name.localeCompare(b.name));
  if (isJson) {
    const named = certificates.map(({ path, facts, previousUntil }) => ({
      what: 'certificate',
      name: path,
      ...facts,
      ...(previousUntil === undefined ? {} : { previousUntil }),
    }));
    io.stdout.write(`${JSON.stringify([...entries, ...named], null, 2)}\n`);
    return 0;
  }
  if (entries.length + certificates.length === 0) {
    io.stdout.write('No tokens are stored.\n');
    return 0;
  }
  const names = [...entries.map(({ name }) => name), ...certificates.map(({ path }) => path)];
  const width = Math.max(...names.map((name) => name.length));
  const lines = [
    ...entries.map((entry) => [entry.name, storedLine(entry, rotationDays)] as const),
    ...certificates.map((one) => [one.path, certificateLine(one, rotationDays)] as const),
  ];
  io.stdout.write(lines.map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join(''));
  return 0;
}

const storedLine = ({ storedAt, previousUntil }: ListedToken, rotationDays: number): string =>
  `stored ${storedAt}${keptText(previousUntil)}${oldText(storedAt, rotationDays)}`;

function certificateLine({ facts, previousUntil }: ListedCertificate, rotationDays: number): string {
  const { subject, validFrom, validTo } = facts;
  const age = daysSince(validFrom, Date.now());
  const end = Date.parse(validTo) <= Date.now() ? 'expired' : 'ends';
  return `client certificate of "${subject}", ${end} ${validTo}, issued ${String(age)} days ago${keptText(previousUntil)}${oldText(validFrom, rotationDays)}`;
}

const keptText = (until: string | undefined): string =>
  until === undefined ? '' : `  the one before is kept until ${until}`;

function oldText(since: string, rotationDays: number): string {
  const days = daysSince(since, Date.now());
  return rotationDays > 0 && days >= rotationDays
    ? `  ${String(days)} days old: rotate it (security.rotation_days: ${String(rotationDays)})`
    : '';
}
