import { RouterError } from '../../../../shared/model/errors';
import type { GatewayConfig } from '../../../../shared/model/config';
import type { FailureCause } from '../../../../shared/model/status';
import type { Clock } from '../../ports';

import { answerForm } from './http-answer';
import { discard, type HttpLink } from './http-link';
import { readEventStream } from './sse-stream';

/** What the stream of 2024 tells the connection it belongs to. */
export interface SseFallbackHandlers {
  readonly signal: AbortSignal;
  readonly mayRead: () => Promise<void>;
  readonly deliver: (payload: Buffer) => void;
  /** The stream is over, and with it the session. */
  readonly onEnd: (cause: FailureCause) => void;
}

/** What it takes to open the stream. */
export interface SseFallbackParts {
  readonly link: HttpLink;
  readonly url: URL;
  readonly gateway: GatewayConfig;
  readonly clock: Clock;
}

/** After these answers to `initialize` a server may be one of 2024 (MCP: backwards compatibility). */
export const isOldServerStatus = (status: number | undefined): boolean =>
  status === 400 || status === 404 || status === 405;

/** HTTP+SSE of 2024-11-05: everything comes on one GET stream, whose first event names where to post. */
export class SseFallback {
  /** Where to post; undefined while the server is not known to be one of 2024. */
  postUrl: URL | undefined;

  constructor(private readonly parts: SseFallbackParts) {}

  /** Opens the stream; false when the server does not offer it. */
  async open(handlers: SseFallbackHandlers): Promise<boolean> {
    const { link, url, gateway, clock } = this.parts;
    const limit = new AbortController();
    const giveUp = (): void => {
      limit.abort();
    };
    handlers.signal.addEventListener('abort', giveUp, { once: true });
    const timer = clock.after(gateway.connection.timeout_ms, giveUp);
    try {
      const headers = { accept: 'text/event-stream' };
      const response = await link.request(url, { method: 'GET', headers, signal: limit.signal });
      if (response.status !== 200 || answerForm(response.headers) !== 'events') {
        discard(response.body);
        return false;
      }
      this.postUrl = await this.endpointOf(response.body, handlers);
      return this.postUrl !== undefined;
    } catch (error) {
      if (error instanceof Error) return false;
      throw error;
    } finally {
      timer.cancel();
    }
  }

  /** Resolves with the first `endpoint` of our own origin; messages are delivered for as long as the stream lives. */
  private endpointOf(
    body: Parameters<typeof readEventStream>[0],
    { mayRead, deliver, onEnd }: SseFallbackHandlers,
  ): Promise<URL | undefined> {
    const { url, gateway } = this.parts;
    return new Promise((resolve) => {
      const end = (cause: FailureCause): void => {
        if (this.postUrl !== undefined) onEnd(cause);
        resolve(undefined);
      };
      readEventStream(body, gateway.max_message_bytes, {
        mayRead,
        onRetry: () => undefined,
        onEvent: ({ event, data }) => {
          if (event === 'endpoint') resolve(sameOrigin(data, url));
          else if (data !== '' && (event === undefined || event === 'message')) deliver(Buffer.from(data));
        },
      }).then(
        () => {
          end({ code: 'gateway-lost', detail: 'the event stream ended' });
        },
        (error: unknown) => {
          const isOurs = error instanceof RouterError;
          end(
            isOurs
              ? { code: error.code, detail: error.detail }
              : { code: 'gateway-lost', detail: 'the event stream broke' },
          );
        },
      );
    });
  }
}

/** An endpoint elsewhere would get the credential; it is not believed. */
function sameOrigin(text: string, base: URL): URL | undefined {
  if (!URL.canParse(text, base.href)) return undefined;
  const endpoint = new URL(text, base);
  return endpoint.origin === base.origin ? endpoint : undefined;
}
