import { noCredentials } from '../support/engine-client';
import { dialFailure } from '../../src/main/engine/gateway/dial-failure';
import type {
  DialRequest,
  OpenTransport,
  Transport,
} from '../../src/main/engine/gateway/transports/transport';
import { scanMessage, type Message } from '../../src/main/engine/jsonrpc/scan';
import { errorTable, type ErrorCode } from '../../src/shared/model/errors';
import { testConfig } from '../support/engine-client';

import { holds } from './bytes';
import { DIAL_LIMIT_MS, hastyClock, type RawPeer, type Script } from './raw-peer';

/** The least that can be set, so that short cases go above it. */
export const MAX_MESSAGE_BYTES = 1024;

/** What a case does with a transport. */
export interface TransportCase {
  readonly open: OpenTransport;
  readonly url: string;
  readonly script: Script;
  readonly gateway?: Readonly<Record<string, unknown>>;
  readonly send: readonly Message[];
  /** Nothing else ends the case: HTTP has no connection that could break. */
  readonly endsWhenSettled?: boolean;
}

/** What the owner of the transport was told. */
export interface Told {
  /** Undefined: it was never open. */
  readonly closedWith: ErrorCode | undefined;
  readonly payloads: readonly Buffer[];
  readonly unreadable: number;
}

/** A message that the tests send. */
export function messageOf(value: object): Message {
  const scanned = scanMessage(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...value })));
  if (scanned.kind !== 'message') throw new Error(scanned.kind);
  return scanned.message;
}

/** Opens a transport to the peer, sends, and reads until one of both ends it; checks what every transport promises. */
export async function openCase(peer: RawPeer, one: TransportCase): Promise<Told> {
  const quiet = new AbortController();
  const told = new ToldSoFar(one.send);
  peer.play(one.script, () => {
    quiet.abort();
  });
  try {
    const transport = await opened(one, told, quiet.signal);
    if (transport === undefined) return told.all();
    for (const message of one.send) if (transport.isOpen) transport.send(message);
    await Promise.race([
      told.closed,
      told.settled(one.endsWhenSettled === true || one.script.finale === 'stay'),
      aborted(quiet.signal),
    ]);
    await transport.close();
    await told.closed;
    return told.all();
  } finally {
    peer.clear();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}

async function opened(
  one: TransportCase,
  told: ToldSoFar,
  signal: AbortSignal,
): Promise<Transport | undefined> {
  const { gateway } = testConfig(one.url, {
    gateway: {
      auth: { type: 'none' },
      max_message_bytes: MAX_MESSAGE_BYTES,
      connection: {
        timeout_ms: DIAL_LIMIT_MS,
        keepalive_interval_ms: DIAL_LIMIT_MS,
        pong_timeout_ms: DIAL_LIMIT_MS,
      },
      ...one.gateway,
    },
  });
  const nothing = (): Promise<never> => Promise.reject(new Error('not asked for'));
  const request: DialRequest = {
    gateway,
    credential: null,
    credentials: noCredentials,
    files: {
      readCredential: nothing,
      readCertificates: nothing,
      readPkcs12: nothing,
      replaceCredential: nothing,
      replaceCertificates: nothing,
      removeCredential: nothing,
      removeUnfinished: nothing,
    },
    tlsSettings: nothing,
    proxyFor: () => Promise.resolve(null),
    clock: hastyClock,
    signal,
  };
  try {
    return await one.open(request, told);
  } catch (error) {
    // A dial that is given up may end in any error; else it must be one with a name, and no mistake of ours.
    const { code } = dialFailure(error);
    holds(signal.aborted || code !== 'internal', `the dial ended in ${String(error)}`);
    holds(Object.hasOwn(errorTable, code), `no such error: ${code}`);
    return undefined;
  }
}

/** The owner of a transport, who believes nothing. */
class ToldSoFar {
  readonly closed: Promise<void>;
  private readonly payloads: Buffer[] = [];
  private readonly answers = new Map<string, number>();
  private unreadable = 0;
  private closedWith: ErrorCode | undefined;
  private tellClosed: () => void = () => undefined;
  private tellSettled: () => void = () => undefined;

  constructor(private readonly sent: readonly Message[]) {
    this.closed = new Promise((resolve) => {
      this.tellClosed = resolve;
    });
  }

  all(): Told {
    const { closedWith, payloads, unreadable } = this;
    return { closedWith, payloads, unreadable };
  }

  /** Resolves when every request is answered; over a peer that stays, as nothing else ends the case. */
  settled(isWanted: boolean): Promise<void> {
    return new Promise((resolve) => {
      if (isWanted) this.tellSettled = resolve;
    });
  }

  onMessage = ({ payload }: { readonly payload: Buffer }): void => {
    this.notAfterClose();
    holds(payload.length <= MAX_MESSAGE_BYTES, `a message of ${String(payload.length)} bytes`);
    this.payloads.push(payload);
    const scanned = scanMessage(payload);
    if (scanned.kind === 'message' && scanned.message.kind === 'response' && scanned.message.id !== null)
      this.noteAnswer(scanned.message.id.key, false);
  };

  onUnreadable = (): void => {
    this.notAfterClose();
    this.unreadable += 1;
  };

  onRejected = (message: Message): void => {
    this.notAfterClose();
    if (message.kind === 'request') this.noteAnswer(message.id.key, true);
  };

  onDrain = (): void => {
    this.notAfterClose();
  };

  onClose = (cause: { readonly code: ErrorCode }): void => {
    this.notAfterClose();
    holds(Object.hasOwn(errorTable, cause.code) && cause.code !== 'internal', `closed with ${cause.code}`);
    this.closedWith = cause.code;
    this.tellClosed();
  };

  private noteAnswer(key: string, isRejection: boolean): void {
    const count = (this.answers.get(key) ?? 0) + 1;
    this.answers.set(key, count);
    // A peer may answer twice, and the router above takes the first; but what was answered is not rejected as well.
    holds(!isRejection || count === 1, `the request ${key} was answered and rejected`);
    const requests = this.sent.filter(({ kind }) => kind === 'request');
    const isSettled = requests.every(
      (message) => message.kind === 'request' && this.answers.has(message.id.key),
    );
    if (isSettled) this.tellSettled();
  }

  private notAfterClose(): void {
    holds(this.closedWith === undefined, 'something was told after the end');
  }
}
