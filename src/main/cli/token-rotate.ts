import { resolve } from 'node:path';

import { kindWords } from '../../shared/model/credential-age';
import { errorSentence, RouterError } from '../../shared/model/errors';
import type { CredentialKind } from '../../shared/model/status';
import type { RotationStart, TokenMachine } from '../compose/token-machine';

import { askedSecret, refuse } from './asked-secret';
import type { CommandIo } from './command-io';
import { readSecret } from './secret-prompt';
import type { ChangeOver } from './token-args';

type Ready = Extract<RotationStart, { kind: 'ready' }>;
type State = Ready['rotation']['state'];

/** What a script can tell apart. */
const EXIT = { done: 0, notAccepted: 1, store: 2, unreachable: 3 } as const;
const NOTHING = 'Nothing was changed';

/** Puts another credential in place of the one of now, or the one before; returns the exit code. */
export async function changeOver(request: ChangeOver, io: CommandIo, machine: TokenMachine): Promise<number> {
  const { kind, pair, configPath, name, endpoint } = request;
  const start = await machine.rotation({ name, what: kindsMeant(request), endpoint }, configPath);
  if (start.kind === 'refused') return refuse(io, NOTHING, start.message);
  if (kind === 'rollback') return report(await start.rotation.rollBack(), start, io);
  if (kind === 'delete-certificate') return deleteCertificate(start, io);
  if (pair !== undefined) return changeCertificate({ kind, pair }, start, io);
  if (start.what === 'certificate') return refuse(io, NOTHING, 'give --certificate FILE and --key FILE');
  const words = start.what === 'token' ? 'Token' : 'Client secret';
  const value = await askedSecret(`${words} for "${start.inUse.name}"`, NOTHING, io);
  return typeof value === 'number' ? value : rotateTo(value, start, io);
}

/** A new certificate comes from files: without them `rotate` can only mean one of the others. */
function kindsMeant({ kind, what, pair }: ChangeOver): readonly CredentialKind[] | undefined {
  if (what !== undefined) return [what];
  return kind === 'rotate' && pair === undefined ? ['token', 'client-secret'] : undefined;
}

async function changeCertificate(
  {
    kind,
    pair,
  }: { readonly kind: 'set-certificate' | 'rotate'; readonly pair: NonNullable<ChangeOver['pair']> },
  start: Ready,
  io: CommandIo,
): Promise<number> {
  const from = { certificate: fullPath(pair.certificate), key: fullPath(pair.key) };
  const askPassphrase = async (): Promise<string | null> => {
    const input = await readSecret(`Passphrase of ${pair.key} (not shown): `, io);
    return input.kind === 'entered' && input.value !== '' ? input.value : null;
  };
  try {
    const candidate = await start.candidate(from, askPassphrase);
    if (kind === 'rotate') return await rotateTo(candidate.pair.reveal(), start, io);
    await start.replace(candidate.pair.reveal());
    io.stdout.write(
      `Put the client certificate of "${candidate.facts.subject}" in place, until ${candidate.facts.validTo}. It was not tried.\n`,
    );
    return EXIT.done;
  } catch (error) {
    return failed(NOTHING, error, io);
  }
}

async function deleteCertificate(start: Ready, io: CommandIo): Promise<number> {
  try {
    await start.remove();
  } catch (error) {
    return failed('Not everything was deleted', error, io);
  }
  io.stdout.write(`Deleted ${start.inUse.name}, its key, and what was kept beside them.\n`);
  return EXIT.done;
}

function failed(what: string, error: unknown, io: CommandIo): number {
  if (!(error instanceof RouterError)) throw error;
  io.stderr.write(`${what}: ${error.message}\n`);
  const isFile = error.code.startsWith('credential-file') || error.code.startsWith('keychain');
  return isFile ? EXIT.store : EXIT.notAccepted;
}

/** The home folder is put in where files are read. */
const fullPath = (path: string): string => (path.startsWith('~') ? path : resolve(path));

async function rotateTo(value: string, start: Ready, io: CommandIo): Promise<number> {
  const where = start.what === 'client-secret' ? 'identity provider and gateway' : 'the gateway';
  io.stderr.write(`Trying the new ${kindWords[start.what]} against ${where} ...\n`);
  return report(await start.rotation.begin(value), start, io);
}

function report(state: State, start: Ready, io: CommandIo): number {
  const words = kindWords[start.what];
  const shown = start.inUse.source === 'keychain' ? `"${start.inUse.name}"` : start.inUse.name;
  switch (state.name) {
    case 'rotated':
      io.stdout.write(`Rotated ${shown}: ${rotatedText(start, state.until)}\n`);
      return EXIT.done;
    case 'not-proven':
      io.stderr.write(
        state.isRefused
          ? `${refusedText(start)}: ${sentence(state.cause)} ${NOTHING}.\n`
          : `The new ${words} could not be tried: ${sentence(state.cause)} ${NOTHING}.\n`,
      );
      return state.isRefused ? EXIT.notAccepted : EXIT.unreachable;
    case 'not-stored':
      io.stderr.write(`The new ${words} works, but could not be stored: ${sentence(state.cause)}\n`);
      return EXIT.store;
    case 'rolled-back':
      io.stdout.write(`The old ${words} of ${shown} is in use again.\n`);
      return EXIT.done;
    case 'not-rolled-back': {
      const isGone = state.cause.code === 'credential-missing';
      io.stderr.write(
        isGone
          ? `No old ${words} is kept for ${shown} (any more). ${NOTHING}.\n`
          : `The old ${words} could not be put back: ${sentence(state.cause)}\n`,
      );
      return isGone ? EXIT.notAccepted : EXIT.store;
    }
    case 'idle':
    case 'proving':
    case 'swapping':
    case 'rolling-back':
      throw new Error(`a rotation stopped in the state ${state.name}`);
  }
}

const refusedText = ({ what }: Ready): string =>
  what === 'client-secret'
    ? 'The new client secret is not accepted'
    : `The gateway refuses the new ${kindWords[what]}`;

function rotatedText({ what, inUse }: Ready, until: string | null): string {
  const accepted =
    what === 'client-secret'
      ? 'the identity provider accepts the new client secret, the gateway the token that it gives'
      : `the gateway accepts the new ${kindWords[what]}`;
  if (until === null) return `${accepted}, and it is in use. The old one is not kept.`;
  const which = inUse.source === 'keychain' ? inUse.name : `--what ${what}`;
  return `${accepted}, and it is in use. The old one is kept until ${until}; should the new one be refused before, the old one is put back. To go back by hand: mcp-router token rollback ${which}`;
}

const sentence = ({ code, detail }: Extract<State, { name: 'not-proven' }>['cause']): string =>
  errorSentence(code, detail);
