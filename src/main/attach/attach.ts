import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

import { usualSocketPaths } from '../platform/paths';
import type { ProcessFacts } from '../platform/process-facts';
import { dialFirst, type PathDial } from '../platform/socket-path';
import { createSystemClock } from '../platform/system-clock';

import { Attachment } from './attachment';
import { ClientStreams } from './client-streams';

/** How a client is attached. */
export interface AttachOptions {
  readonly facts: Pick<ProcessFacts, 'uid'>;
  readonly streams: { readonly stdin: Readable; readonly stdout: Writable };
  /** Where a router is looked for, best first. */
  readonly paths: readonly string[];
  /** Where a router answered; null when there is none yet. */
  readonly socket: Socket | null;
  readonly waitMs: number;
  readonly say: (text: string) => void;
  readonly toldToStop: Promise<void>;
}

/** Serves the client of this process by the router behind the socket; resolves when the client has left. */
export async function attach(options: AttachOptions): Promise<void> {
  const { facts, streams, paths, socket, waitMs, say, toldToStop } = options;
  const attachment = new Attachment({
    client: new ClientStreams(streams.stdin, streams.stdout),
    clock: createSystemClock(),
    dial: () => dialFirst(paths, facts.uid),
    waitMs,
    say,
  });
  void toldToStop.then(() => {
    attachment.leave();
  });
  attachment.start(socket);
  await attachment.done;
}

/** Where a router of this user listens unless its configuration says otherwise, best first. */
export function usualPaths({ platform, env, home, uid }: ProcessFacts): readonly string[] {
  return usualSocketPaths({ platform, env, home }, uid);
}

/** Tries once to reach a router at one of these. */
export function dialRouter(paths: readonly string[], { uid }: Pick<ProcessFacts, 'uid'>): Promise<PathDial> {
  return dialFirst(paths, uid);
}
