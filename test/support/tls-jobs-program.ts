/** Dials every job of the file that TLS_JOBS names, one after the other, and writes the verdicts beside it. */
import { readFileSync, writeFileSync } from 'node:fs';

import { dial, type DialJob, type Verdict } from './tls-jobs';

const path = process.env['TLS_JOBS'] ?? '';
const jobs: readonly DialJob[] = JSON.parse(readFileSync(path, 'utf8')) as readonly DialJob[]; // written by the test
const verdicts: Verdict[] = [];
for (const job of jobs) verdicts.push(await dial(job));
// Of the type declarations only Electron's own know this version.
const electron = Reflect.get(process.versions, 'electron') as string | undefined; // undefined in plain Node
writeFileSync(`${path}.verdicts`, JSON.stringify({ electron: electron ?? '', verdicts }));
process.exit(0);
