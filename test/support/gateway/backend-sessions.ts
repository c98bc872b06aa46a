import { assertNever } from '../../../src/shared/model/errors';
import type { Backend, BackendSession, SessionContext } from './backend';
import { openFunctionSession } from './backend-function';
import { openHttpSession } from './backend-http';
import { openStdioSession } from './backend-stdio';

/** Receives what a server sends on its own, with the session to answer to. */
export type FromServer = (text: string, session: BackendSession) => void;

/** The backend sessions of one connection: one for each backend, opened at its first message. */
export class BackendSessions {
  readonly #open = new Map<Backend, BackendSession>();
  readonly #connection: number;
  readonly #fromServer: FromServer;

  constructor(connection: number, fromServer: FromServer) {
    this.#connection = connection;
    this.#fromServer = fromServer;
  }

  sessionFor(backend: Backend): BackendSession {
    const known = this.#open.get(backend);
    if (known !== undefined) return known;
    const session: BackendSession = openSession(backend, {
      connection: this.#connection,
      fromServer: (text) => {
        this.#fromServer(text, session);
      },
    });
    this.#open.set(backend, session);
    return session;
  }

  async closeAll(haste: 'gently' | 'now'): Promise<void> {
    await Promise.all([...this.#open.values()].map((session) => session.close(haste)));
  }
}

function openSession(backend: Backend, context: SessionContext): BackendSession {
  switch (backend.kind) {
    case 'stdio':
      return openStdioSession(backend, context);
    case 'streamable-http':
      return openHttpSession(backend, context);
    case 'function':
      return openFunctionSession(backend, context);
    default:
      return assertNever(backend);
  }
}
