/** Dials every job of the file that TLS_JOBS names, one after the other, and writes the verdicts beside it. */
import { readFileSync, writeFileSync } from 'node:fs';

import { dial, type DialJob, type Verdict } from './tls-jobs';

const path = process.env['TLS_JOBS'] ?? '';
const jobs: readonly DialJob[] = JSON.parse(readFileSync(path, 'utf8')) as readonly DialJob[]; // written by the test
const verdicts: Verdict[] = [];
for (const job of jobs) verdicts.push(await dial(job));
writeFileSync(
  `${path}.verdicts`,
  JSON.stringify({
    electron: process.versions['electron'] ?? '',
    openssl: process.versions.openssl,
    verdicts,
  }),
);
process.exit(0);
