// Loaded into a process under test with --require: at SIGUSR2 it collects garbage and says on stderr what is left.
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  collect();
  process.stderr.write(`heap after collecting: ${process.memoryUsage().heapUsed}\n`);
});
