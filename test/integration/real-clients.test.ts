import { afterEach, beforeEach, expect, it } from 'vitest';

import { AttachBench } from '../support/attach-bench';
import { inspector, modernSdkClient, sdkClient } from '../support/real-clients';
import { emptyEnvironment } from '../support/router-process';

const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';

let bench: AttachBench;

beforeEach(async () => {
  bench = await AttachBench.start({
    backend: { kind: 'stdio', command: process.execPath, args: [EVERYTHING, 'stdio'] },
    duplex: true,
  });
});

afterEach(async () => {
  await bench.stop();
});

it('three different real clients at once through one router, each with a session of its own', async () => {
  const router = await bench.serve();
  // Who has a setting of its own attaches to nobody.
  const env = Object.fromEntries(
    Object.entries(emptyEnvironment(bench.home.path, { MCP_METRICS_ENABLED: undefined })).flatMap(
      ([name, value]) => (value === undefined ? [] : [[name, value]]),
    ),
  );
  const clients = [...(await Promise.all([sdkClient(env), modernSdkClient(env)])), inspector(env)];
  try {
    for (const round of ['one', 'two']) {
      const answers = clients.map(async ({ name, echo }) => {
        const message = `${name} ${round}`;
        expect(await echo(message)).toEqual([{ type: 'text', text: `Echo: ${message}` }]);
      });
      await Promise.all(answers);
    }
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
  for (const { name } of clients) expect(router.stderr).toContain(`"client":"${name}"`);
}, 120_000);
