import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

import { defaultSocketPath } from '../platform/paths';
import type { ProcessFacts } from '../platform/process-facts';
import { dialSocket, type SocketDial } from '../platform/socket-path';
import { createSystemClock } from '../platform/system-clock';

import { Attachment } from './attachment';
import { ClientStreams } from './client-streams';

/** How a client is attached. */
export interface AttachOptions {
  readonly facts: Pick<ProcessFacts, 'uid'>;
  readonly streams: { readonly stdin: Readable; readonly stdout: Writable };
  readonly path: string;
  /** Where a router answered; null when there is none yet. */
  readonly socket: Socket | null;
  readonly waitMs: number;
  readonly say: (text: string) => void;
  readonly toldToStop: Promise<void>;
}

/** Serves the client of this process by the router behind the socket; resolves when the client has left. */
export async function attach(options: AttachOptions): Promise<void> {
  const { facts, streams, path, socket, waitMs, say, toldToStop } = options;
  const attachment = new Attachment({
    client: new ClientStreams(streams.stdin, streams.stdout),
    clock: createSystemClock(),
    dial: () => dialSocket(path, facts.uid),
    waitMs,
    say,
  });
  void toldToStop.then(() => {
    attachment.leave();
  });
  attachment.start(socket);
  await attachment.done;
}

/** Where a router of this user listens unless its configuration says otherwise. */
export function usualSocketPath({ platform, env, home, uid }: ProcessFacts): string {
  return defaultSocketPath({ platform, env, home }, uid);
}

/** Tries once to reach a router there. */
export function dialRouter(path: string, { uid }: Pick<ProcessFacts, 'uid'>): Promise<SocketDial> {
  return dialSocket(path, uid);
}
