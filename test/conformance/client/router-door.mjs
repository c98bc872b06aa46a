// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { complain } from '../complain.mjs';
import { bareEnvironment, routerProgram } from '../router.mjs';

/**
 * One way from the client to the suite's server.
 * @typedef {object} Door
 * @property {() => Promise<import('@modelcontextprotocol/client').Transport>} transport for one more connection
 * @property {(error: unknown) => boolean} wantsSignIn whether a person has to sign in, or again
 * @property {() => Promise<void>} signIn
 * @property {() => Promise<void>} close
 */

/** @typedef {{ scenario: string, context: import('./exercise.mjs').Context }} Task */
/** @typedef {(address: string, task: Task) => Promise<Door>} OpenDoor */

/** The address by which the suite's identity providers know a client without registration. */
export const METADATA_CLIENT = 'https://conformance-test.local/client-metadata.json';

/**
 * The same client on stdio, in front of the router, whose gateway is the suite's server.
 * @type {OpenDoor}
 */
export async function routerDoor(address, task) {
  const home = mkdtempSync(join(tmpdir(), 'mcp-router-conformance-'));
  const config = join(home, 'router.yaml');
  const auth = isService(task) ? await serviceAuth(address, task) : authFor(task);
  writeFileSync(config, JSON.stringify({ gateway: { url: address, auth } }), { mode: 0o600 });
  const bus = process.env['DBUS_SESSION_BUS_ADDRESS'];
  const env = {
    ...bareEnvironment(home),
    ...(bus !== undefined && { DBUS_SESSION_BUS_ADDRESS: bus }),
    CONFORMANCE_SECRET: task.context.client_secret ?? '',
  };
  const { command, args } = routerProgram(['--config', config]);
  return {
    transport: () =>
      Promise.resolve(new StdioClientTransport({ command, args: [...args], env, stderr: 'inherit' })),
    wantsSignIn: (error) =>
      task.scenario.startsWith('auth/') && /sign|scope/i.test(error instanceof Error ? error.message : ''),
    signIn: () => signIn(routerProgram(['sign-in', '--no-browser', '--config', config]), env),
    close: () => {
      rmSync(home, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

/** Nobody signs in: the client is itself who has rights. @param {Task} task */
export const isService = ({ scenario }) => scenario === 'auth/client-credentials-basic';

/**
 * What an administrator would write into the configuration, read off the suite's metadata.
 * @param {string} address
 * @param {Task} task
 */
async function serviceAuth(address, { context: { client_id } }) {
  const { origin, pathname } = new URL(address);
  const read = async (/** @type {string} */ url) =>
    /** @type {any} */ (await (await globalThis.fetch(url)).json());
  const resource = await read(`${origin}/.well-known/oauth-protected-resource${pathname}`);
  const issuer = new URL(resource.authorization_servers[0]);
  const server = await read(`${issuer.origin}/.well-known/oauth-authorization-server`);
  return {
    type: 'oauth2',
    client_id,
    client_secret_env: 'CONFORMANCE_SECRET',
    token_endpoint: server.token_endpoint,
    resource: address,
  };
}

/** @param {Task} task */
function authFor({ scenario, context: { client_id: id, client_secret: secret } }) {
  if (!scenario.startsWith('auth/')) return { type: 'none' };
  const client = scenario === 'auth/basic-cimd' ? METADATA_CLIENT : id;
  return {
    type: 'oauth2',
    grant_type: 'authorization_code',
    ...(client !== undefined && { client_id: client }),
    ...(secret !== undefined && { client_secret_env: 'CONFORMANCE_SECRET' }),
  };
}

/**
 * Signs a person in who follows each page: those of the suite ask nothing.
 * @param {{ command: string, args: readonly string[] }} program
 * @param {Record<string, string>} env
 */
async function signIn({ command, args }, env) {
  const child = spawn(command, [...args], { env, stdio: ['ignore', 'inherit', 'pipe'] });
  let said = '';
  let isOpened = false;
  child.stderr.on('data', (/** @type {Buffer} */ chunk) => {
    said += chunk.toString();
    const page = /^https?:\S+$/m.exec(said)?.[0];
    if (page === undefined || isOpened) return;
    isOpened = true;
    globalThis.fetch(page).catch(complain);
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`sign-in ended with code ${String(code)}: ${said}`);
}
