import type { RotationStart } from '../compose/token-machine';
import { errorSentence } from '../../shared/model/errors';
import type { CommandIo } from './command-io';

type Ready = Extract<RotationStart, { kind: 'ready' }>;
type State = Ready['rotation']['state'];

/** What a script can tell apart. */
const EXIT = { done: 0, notAccepted: 1, store: 2, unreachable: 3 } as const;

/** Proves the token, swaps, and says how it ended; returns the exit code. */
export async function rotateTo(value: string, start: Ready, io: CommandIo): Promise<number> {
  io.stderr.write('Trying the new token against the gateway ...\n');
  return report(await start.rotation.begin(value), start, io);
}

/** Goes back to the token before; returns the exit code. */
export async function rollBack(start: Ready, io: CommandIo): Promise<number> {
  return report(await start.rotation.rollBack(), start, io);
}

function report(state: State, { inUse }: Ready, io: CommandIo): number {
  const what = inUse.source === 'keychain' ? `"${inUse.name}"` : inUse.name;
  switch (state.name) {
    case 'rotated': {
      const kept =
        state.until === null
          ? 'The old one is not kept.'
          : `The old one is kept until ${state.until}; should the gateway refuse the new one before, it is put back. To go back by hand: mcp-router token rollback${inUse.source === 'keychain' ? ` ${inUse.name}` : ''}`;
      io.stdout.write(`Rotated ${what}: the gateway accepts the new token, and it is in use. ${kept}\n`);
      return EXIT.done;
    }
    case 'not-proven':
      io.stderr.write(
        state.isRefused
          ? `The gateway refuses the new token: ${sentence(state.cause)} Nothing was changed.\n`
          : `The new token could not be tried: ${sentence(state.cause)} Nothing was changed.\n`,
      );
      return state.isRefused ? EXIT.notAccepted : EXIT.unreachable;
    case 'not-stored':
      io.stderr.write(`The new token works, but could not be stored: ${sentence(state.cause)}\n`);
      return EXIT.store;
    case 'rolled-back':
      io.stdout.write(`The old token of ${what} is in use again.\n`);
      return EXIT.done;
    case 'not-rolled-back': {
      const isGone = state.cause.code === 'credential-missing';
      io.stderr.write(
        isGone
          ? `No old token is kept for ${what} (any more). Nothing was changed.\n`
          : `The old token could not be put back: ${sentence(state.cause)}\n`,
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

const sentence = ({ code, detail }: Extract<State, { name: 'not-proven' }>['cause']): string =>
  errorSentence(code, detail);
