import type { Readable } from 'node:stream';

import { RouterError } from '../../../../shared/model/errors';
import type { FailureCause } from '../../../../shared/model/status';
import { missingScopes, ScopeMissingError } from '../../auth/challenge';
import type { CredentialSource } from '../../auth/credential-source';
import type { Credential } from '../../auth/credentials';
import { readWhole, type HttpClient, type HttpRequest, type HttpResponse } from '../../auth/http-client';
import type { Clock } from '../../ports';

/** What a link is made of. */
export interface HttpLinkParts {
  readonly client: HttpClient;
  readonly credentials: CredentialSource;
  /** The one that the connection was dialled with; null sends none. */
  readonly credential: Credential | null;
  readonly clock: Clock;
  /** Ends with the connection. What many requests wait for is not given up with one of them. */
  readonly signal: AbortSignal;
}

/** A source is asked at most this often, so that a credential is fresh and the hot path stays short. */
const CREDENTIAL_AGE_MS = 1000;
const MAX_DISCARDED_BYTES = 64 * 1024;
/** How often one request asks for more scopes (mcp-notes 1.6). */
const MAX_STEP_UPS = 2;

/** Requests with the credential of the moment; a refused one is renewed once. */
export class HttpLink {
  private credential: Promise<Credential | null>;
  private askedAt: number;

  constructor(private readonly parts: HttpLinkParts) {
    this.credential = Promise.resolve(parts.credential);
    this.askedAt = parts.clock.now();
  }

  /**
   * Sends, and sends once more with a newer credential if the first one is refused (401) and there is a newer one.
   * Where scopes are missing (403), it is sent again with a credential that has them.
   *
   * @param renews false where the caller renews a refused credential itself
   * @throws RouterError credential-*, keychain-*, auth-failed; ScopeMissingError; NotSentError; or the error of the
   *   broken exchange
   */
  async request(url: URL, request: HttpRequest, renews = true): Promise<HttpResponse> {
    let credential = await this.current();
    let answer = await this.send(url, request, credential);
    if (credential === null) return answer;
    if (answer.status === 401 && renews) {
      const renewed = await this.renewed(credential, request.signal);
      if (renewed === null) return answer;
      discard(answer.body);
      credential = renewed;
      answer = await this.send(url, request, credential);
    }
    for (let step = 0; step < MAX_STEP_UPS && answer.status === 403; step += 1) {
      const wider = await this.widened(credential, answer, request.signal);
      if (wider === null) return answer;
      credential = wider;
      answer = await this.send(url, request, credential);
    }
    return answer;
  }

  /** What to tell of a 401 that is the last word. */
  refusedForGood(cause: FailureCause): FailureCause {
    return this.parts.credentials.refusedForGood(cause);
  }

  private async widened(
    held: Credential,
    { headers, body }: HttpResponse,
    signal: AbortSignal,
  ): Promise<Credential | null> {
    const scopes = missingScopes(headers);
    if (scopes.length === 0) return null;
    try {
      const wider = await this.parts.credentials.widened(held, scopes, signal);
      if (wider === null) return null;
      discard(body);
      this.keep(wider);
      return wider;
    } catch (error) {
      discard(body);
      if (!(error instanceof RouterError)) throw error;
      throw new ScopeMissingError(error.code, error.detail, { cause: error });
    }
  }

  private keep(credential: Credential): void {
    this.credential = Promise.resolve(credential);
    this.askedAt = this.parts.clock.now();
  }

  /** Requests that come while the source is asked wait for the same answer, and so keep their order. */
  private current(): Promise<Credential | null> {
    const { credentials, clock, signal } = this.parts;
    const now = clock.now();
    if (now - this.askedAt >= CREDENTIAL_AGE_MS) {
      this.askedAt = now;
      this.credential = credentials.current(signal);
    }
    return this.credential;
  }

  private async renewed(refused: Credential, signal: AbortSignal): Promise<Credential | null> {
    // Another request may have renewed it meanwhile.
    const current = await this.credential;
    if (current !== null && current.secret.reveal() !== refused.secret.reveal()) return current;
    const renewed = await this.parts.credentials.renewed(refused, signal);
    if (renewed !== null) this.keep(renewed);
    return renewed;
  }

  /** The credential is revealed here and nowhere else. */
  private send(url: URL, request: HttpRequest, credential: Credential | null): Promise<HttpResponse> {
    if (credential === null) return this.parts.client.request(url, request);
    const headers = { ...request.headers, authorization: `Bearer ${credential.secret.reveal()}` };
    return this.parts.client.request(url, { ...request, headers });
  }
}

/** Reads a body that nobody wants, so that its connection can be used again; a long one is cut. */
export function discard(body: Readable): void {
  void readWhole(body, MAX_DISCARDED_BYTES).catch(() => undefined);
}

/** Says that a session is not needed any more. A server that wants no such goodbye, or is gone, is fine too. */
export async function endSession(
  link: HttpLink,
  url: URL,
  headers: HttpRequest['headers'],
  signal: AbortSignal,
): Promise<void> {
  const answer = await link.request(url, { method: 'DELETE', headers, signal }).catch(() => undefined);
  if (answer !== undefined) discard(answer.body);
}
