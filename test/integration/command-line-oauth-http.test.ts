import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ChangeSignal } from '../support/change-signal';
import { CLIENT_SECRET, IdentityProvider } from '../support/identity-provider';
import { keyring, onSessionBus } from '../support/keyring-session';
import { providerAuthority, providerTls } from '../support/oauth-bench';
import { ProtectedServer } from '../support/protected-server';
import { emptyEnvironment, TemporaryHome } from '../support/router-process';
import { ScriptedBrowser } from '../support/scripted-browser';

const CLI = 'out/cli/mcp-router.js';

let home: TemporaryHome;
let provider: IdentityProvider;
let server: ProtectedServer;
let said: string;
const changes = new ChangeSignal();

beforeEach(async () => {
  home = new TemporaryHome();
  home.write('ca.pem', providerAuthority.certificatePem, 0o644);
  provider = await IdentityProvider.start({ tls: providerTls });
  server = await ProtectedServer.start(provider);
  said = '';
});

afterEach(async () => {
  await server.stop();
  await provider.stop();
  home.remove();
});

function config(auth: string): string {
  return home.write(
    'router.yaml',
    `gateway:
  url: ${server.url}
  auth:
    type: oauth2
${auth}
    tls: { ca_cert_path: ${home.path}/ca.pem }
  tls: { ca_cert_path: ${home.path}/ca.pem }
`,
  );
}

/** A client of the SDK whose server is this command. */
function start(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): {
  readonly client: Client;
  readonly connected: Promise<void>;
} {
  const variables = Object.entries(emptyEnvironment(home.path, env));
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    stderr: 'pipe',
    env: Object.fromEntries(
      variables.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  });
  transport.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    changes.changed();
  });
  const client = new Client({ name: 'client', version: '1' });
  return { client, connected: client.connect(transport) };
}

describe('a client of the SDK, and an MCP server over Streamable HTTP with TLS and OAuth2', () => {
  it('meet with client credentials, and more scopes where a tool needs them', async () => {
    const path = config(`    client_id: service
    client_secret_env: OAUTH_CLIENT_SECRET
    token_endpoint: "${provider.tokenEndpoint}"
    scopes: ["mcp:read"]`);
    const { client, connected } = start(process.execPath, [CLI, '-c', path], {
      OAUTH_CLIENT_SECRET: CLIENT_SECRET,
    });
    await connected;
    const { content } = await client.callTool({ name: 'echo', arguments: { a: 1 } });
    expect(JSON.stringify(content)).toContain('{\\"a\\":1}');
    const more = await client.callTool({ name: 'progress', arguments: {} });
    expect(JSON.stringify(more.content)).toContain('progressed');
    expect(provider.exchanges.map(({ parameters }) => parameters['scope'])).toEqual([
      'mcp:read',
      'mcp:read mcp:write',
    ]);
    await client.close();
    for (const { access_token: token } of provider.answers) expect(said).not.toContain(String(token));
  });

  it.skipIf(process.platform !== 'linux')(
    'meet with a person who signed in, found through the challenge of the server',
    async () => {
      const path = config('    grant_type: authorization_code');
      const run = `${process.execPath} ${CLI}`;
      const line = `${keyring.unlocked} ${run} sign-in --no-browser -c ${path} >&2; exec ${run} -c ${path}`;
      const [program, ...args] = onSessionBus(home.path, line);
      const { client, connected } = start(program, args);
      const address = (): string | undefined => /^https:\S+$/m.exec(said)?.[0];
      await changes.until('the address', () => address() !== undefined);
      const page = new URL(address() ?? '');
      expect(page.searchParams.get('code_challenge_method')).toBe('S256');
      expect(page.searchParams.get('resource')).toBe(server.url);
      await new ScriptedBrowser(providerAuthority.certificatePem).signIn(page.href);
      await connected;
      const { content } = await client.callTool({ name: 'echo', arguments: { a: 1 } });
      expect(JSON.stringify(content)).toContain('{\\"a\\":1}');
      await expect(client.callTool({ name: 'progress', arguments: {} })).rejects.toThrow('mcp:write');
      await client.close();
    },
  );
});
