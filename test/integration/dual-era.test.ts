import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { startFixture } from '../conformance/fixture/http.mjs';
import { bareEnvironment, routerProgram } from '../conformance/router.mjs';
import { TemporaryHome } from '../support/router-process';

let server: Awaited<ReturnType<typeof startFixture>>;
let home: TemporaryHome;
let entry: { command: string; args: string[]; env: Record<string, string>; stderr: 'pipe' };

beforeEach(async () => {
  server = await startFixture();
  home = new TemporaryHome();
  const config = home.write('router.yaml', `gateway: { url: ${server.url}, auth: { type: none } }\n`);
  const { command, args } = routerProgram(['--config', config]);
  entry = { command, args: [...args], env: bareEnvironment(home.path), stderr: 'pipe' };
});

afterEach(async () => {
  await server.stop();
  home.remove();
});

const call = { name: 'test_simple_text', arguments: {} };

it('clients of both SDKs, each in its own era, in front of one server of both eras', async () => {
  const old = new Client({ name: 'sdk-v1', version: '1' });
  const modern = new ModernClient({ name: 'sdk-v2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await Promise.all([
    old.connect(new StdioClientTransport(entry)),
    modern.connect(new ModernTransport(entry)),
  ]);
  expect(modern.getNegotiatedProtocolVersion()).toBe('2026-07-28');
  const answers = await Promise.all([old.callTool(call), modern.callTool(call)]);
  for (const { content } of answers) expect(JSON.stringify(content)).toContain('simple text');
  await Promise.all([old.close(), modern.close()]);
}, 60_000);

it('questions come to each as its era has them: as a request, and as a result that wants an answer', async () => {
  const old = new Client({ name: 'sdk-v1', version: '1' }, { capabilities: { elicitation: {} } });
  old.setRequestHandler(ElicitRequestSchema, () => ({
    action: 'accept',
    content: { username: 'Ada', email: 'a@b.example' },
  }));
  const modern = new ModernClient(
    { name: 'sdk-v2', version: '1' },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: 'auto' } },
  );
  modern.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'Ada' } }));
  await Promise.all([
    old.connect(new StdioClientTransport(entry)),
    modern.connect(new ModernTransport(entry)),
  ]);
  const [asked, wanted] = await Promise.all([
    old.callTool({ name: 'test_elicitation', arguments: { message: 'Who?' } }),
    modern.callTool({ name: 'test_input_required_result_elicitation', arguments: {} }),
  ]);
  for (const { content } of [asked, wanted]) expect(JSON.stringify(content)).toContain('Ada');
  await Promise.all([old.close(), modern.close()]);
}, 60_000);
