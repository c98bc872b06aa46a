import { processFacts } from '../platform/process-facts';

import { runCommandLine } from './command-line';

process.exit(
  await runCommandLine(process.argv.slice(2), { facts: processFacts(process), isClientOnStdin: false }),
);
