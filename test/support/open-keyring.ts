import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { keyring, onSessionBus } from './keyring-session';
import { emptyEnvironment } from './router-process';

/** A session with an unlocked keyring. */
export interface OpenKeyring {
  /** What runs with it finds the keyring. */
  readonly env: Readonly<Record<string, string>>;
  end(): Promise<void>;
}

/** Keeps a session with an unlocked keyring until it is told to end. */
export async function openKeyring(home: string): Promise<OpenKeyring> {
  const [program, ...args] = onSessionBus(
    home,
    `${keyring.unlocked} echo "bus $DBUS_SESSION_BUS_ADDRESS"; read -r _`,
  );
  const child = spawn(program, args, { env: emptyEnvironment(home), stdio: ['pipe', 'pipe', 'ignore'] });
  let text = '';
  while (!/bus (\S+)\n/.test(text)) text += String((await once(child.stdout, 'data'))[0]);
  const DBUS_SESSION_BUS_ADDRESS = /bus (\S+)\n/.exec(text)?.[1] ?? '';
  const gone = once(child, 'exit');
  return {
    env: { DBUS_SESSION_BUS_ADDRESS },
    end: async () => {
      child.stdin.end('\n');
      await gone;
    },
  };
}
