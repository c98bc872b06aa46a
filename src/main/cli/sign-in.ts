import { parseArgs } from 'node:util';

import type { SignInMachine } from '../compose/sign-in-machine';
import { errorTable, RouterError } from '../../shared/model/errors';

import { EXIT_USAGE, type CommandIo } from './command-io';

const USAGE = `Usage: mcp-router sign-in [--config FILE] [--no-browser]    sign in at the identity provider of the server
       mcp-router sign-out [--config FILE]                   end the sign-in, there and here

For gateway.auth of type oauth2 with grant_type authorization_code. The tokens go into the keychain.
Exit codes: 0 done, 1 not signed in, or the configuration cannot be used.
`;

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  'no-browser': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Runs `mcp-router sign-in ...` or `sign-out ...`; returns the exit code. */
export async function runSignIn(
  verb: 'sign-in' | 'sign-out',
  argv: readonly string[],
  io: CommandIo,
  machine: SignInMachine,
): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({ args: [...argv], options: OPTIONS }));
  } catch (error) {
    const message = error instanceof Error ? error.message : 'the arguments cannot be understood';
    io.stderr.write(`mcp-router ${verb}: ${message}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (values.help === true) {
    io.stdout.write(USAGE);
    return 0;
  }
  try {
    if (verb === 'sign-out') return await signOut(values.config, io, machine);
    const hasBrowser = values['no-browser'] !== true;
    const { issuer, clientId } = await machine.signIn(values.config, (url) =>
      show(url, hasBrowser, io, machine),
    );
    io.stdout.write(`Signed in at ${issuer} as client ${clientId}.\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    io.stderr.write(`mcp-router ${verb}: ${error.message} ${errorTable[error.code].nextStep}\n`);
    return 1;
  }
}

async function show(url: string, hasBrowser: boolean, io: CommandIo, machine: SignInMachine): Promise<void> {
  io.stderr.write(
    `Sign in at ${new URL(url).host}. If no page opens, open this address in a browser on this machine:\n${url}\n`,
  );
  if (hasBrowser && !(await machine.openUrl(url))) io.stderr.write('No browser could be started.\n');
}

async function signOut(
  configPath: string | undefined,
  io: CommandIo,
  machine: SignInMachine,
): Promise<number> {
  switch (await machine.signOut(configPath)) {
    case 'revoked':
      io.stdout.write('Signed out; the identity provider has ended the tokens.\n');
      return 0;
    case 'signed-out':
      io.stdout.write(
        'Signed out here. The identity provider was not told, or did not confirm: tokens end by themselves.\n',
      );
      return 0;
    case 'nobody':
      io.stdout.write('Nobody was signed in.\n');
      return 0;
  }
}
