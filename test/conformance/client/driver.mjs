// @ts-check
// The client that the suite starts for each client scenario:
//   node driver.mjs direct|router URL
// Alone it is the SDK's client over HTTP; with `router` the same client on stdio, in front of the built mcp-router.
import { Client } from '@modelcontextprotocol/client';
import { directDoor } from './direct-door.mjs';
import { routerDoor } from './router-door.mjs';
import { complain } from '../complain.mjs';
import { isApplicable } from '../scope.mjs';
import { exercise } from './exercise.mjs';

const [way = '', address = ''] = process.argv.slice(2);
const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
const context = /** @type {import('./exercise.mjs').Context} */ (
  JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}')
);
const isModern = process.env['MCP_CONFORMANCE_PROTOCOL_VERSION'] === '2026-07-28';
/** After so many requests for more rights the client gives up. */
const MAX_SIGN_INS = 3;

function newClient() {
  const client = new Client(
    { name: 'conformance-client', version: '1.0.0' },
    {
      capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
      versionNegotiation: { mode: isModern ? 'auto' : 'legacy' },
    },
  );
  client.setRequestHandler('elicitation/create', ({ params }) => {
    const asked = 'requestedSchema' in params ? params.requestedSchema.properties : {};
    return { action: 'accept', content: 'confirmed' in asked ? { confirmed: true } : {} };
  });
  return client;
}

// Scenarios that nobody compares cost no time.
if (!isApplicable('client', scenario)) process.exit(1);
const open = way === 'router' ? routerDoor : directDoor;
const door = await open(address, { scenario, context });
try {
  for (let attempt = 0; ; attempt += 1) {
    const client = newClient();
    try {
      await client.connect(await door.transport());
      await exercise(client, context);
      break;
    } catch (error) {
      if (attempt === MAX_SIGN_INS || !door.wantsSignIn(error)) throw error;
      await door.signIn();
    } finally {
      await client.close();
    }
  }
} catch (error) {
  complain(error);
  process.exitCode = 1;
} finally {
  await door.close();
}
process.exit();
