import type { Readable } from 'node:stream';

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
}

/** A source is asked at most this often, so that a credential is fresh and the hot path stays short. */
const CREDENTIAL_AGE_MS = 1000;
const MAX_DISCARDED_BYTES = 64 * 1024;

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
   *
   * @throws RouterError credential-*, keychain-*, auth-failed; NotSentError; or the error of the broken exchange
   */
  async request(url: URL, request: HttpRequest): Promise<HttpResponse> {
    const credential = await this.current(request.signal);
    const answer = await this.send(url, request, credential);
    if (answer.status !== 401 || credential === null) return answer;
    const renewed = await this.renewed(credential, request.signal);
    if (renewed === null) return answer;
    discard(answer.body);
    return this.send(url, request, renewed);
  }

  /** Requests that come while the source is asked wait for the same answer, and so keep their order. */
  private current(signal: AbortSignal): Promise<Credential | null> {
    const { credentials, clock } = this.parts;
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
    if (renewed !== null) {
      this.credential = Promise.resolve(renewed);
      this.askedAt = this.parts.clock.now();
    }
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
