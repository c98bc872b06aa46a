import type { RouterConfig } from '../../../shared/model/config';
import type { Refusal } from '../jsonrpc/message';

import { TokenBucket, type RateLimit } from './rate-limit';

/** What the guards look at; never a payload. */
export interface RequestFacts {
  readonly byteLength: number;
  /** Requests that the gateway works on right now, of all clients. */
  readonly inFlight: number;
  /** False while the request would wait in the queue, which has a limit of its own. */
  readonly isSentAtOnce: boolean;
  /** Milliseconds of the clock. */
  readonly now: number;
}

/** Why a request may not pass, and which limit said so. */
export interface GuardRefusal extends Refusal {
  readonly limit: 'gateway.max_message_bytes' | 'local.rate_limit' | 'local.max_concurrent_requests';
}

type Check = (facts: RequestFacts) => GuardRefusal | undefined;
/** A slot frees when a reply comes; nobody knows when, so clients are asked to wait this long. */
const CONCURRENCY_RETRY_MS = 100;

/**
 * The checks on the way up (design section 3). The rate comes last, so that what another limit refuses spends no
 * token.
 */
export class Guard {
  private readonly bucket: TokenBucket;
  private readonly checks: readonly Check[] = [
    (facts) => this.checkSize(facts),
    (facts) => this.checkConcurrency(facts),
    (facts) => this.checkRate(facts),
  ];

  constructor(
    private readonly config: () => RouterConfig,
    now: number,
  ) {
    this.bucket = new TokenBucket(rateLimitOf(config()), now);
  }

  /** @returns undefined when the request may pass; a token of the rate limit is spent then */
  refusal(facts: RequestFacts): GuardRefusal | undefined {
    for (const check of this.checks) {
      const refusal = check(facts);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  /** Spends a token for a notification; false when it is over the limit. */
  admitsNotification(now: number): boolean {
    return !this.config().local.rate_limit.enabled || this.bucket.take(now).ok;
  }

  /** The configuration has changed. */
  reload(now: number): void {
    this.bucket.change(rateLimitOf(this.config()), now);
  }

  private checkSize({ byteLength }: RequestFacts): GuardRefusal | undefined {
    const { max_message_bytes: limit } = this.config().gateway;
    if (byteLength <= limit) return undefined;
    return tooLarge(byteLength, limit);
  }

  private checkConcurrency({ inFlight, isSentAtOnce }: RequestFacts): GuardRefusal | undefined {
    const { max_concurrent_requests: limit } = this.config().local;
    if (!isSentAtOnce || inFlight < limit) return undefined;
    return {
      code: 'concurrency-limited',
      detail: `limit ${String(limit)}`,
      retryAfterMs: CONCURRENCY_RETRY_MS,
      limit: 'local.max_concurrent_requests',
    };
  }

  private checkRate({ now }: RequestFacts): GuardRefusal | undefined {
    const { rate_limit: limit } = this.config().local;
    if (!limit.enabled) return undefined;
    const permit = this.bucket.take(now);
    if (permit.ok) return undefined;
    return {
      code: 'rate-limited',
      detail: `limit ${String(limit.requests_per_second)} per second, burst ${String(limit.burst)}`,
      retryAfterMs: permit.retryAfterMs,
      limit: 'local.rate_limit',
    };
  }
}

/** The refusal of a message above the gateway's limit. */
export function tooLarge(byteLength: number, limit: number): GuardRefusal {
  return {
    code: 'message-too-large',
    detail: `${String(byteLength)} bytes, limit ${String(limit)}`,
    limit: 'gateway.max_message_bytes',
  };
}

function rateLimitOf(config: RouterConfig): RateLimit {
  const { requests_per_second: requestsPerSecond, burst } = config.local.rate_limit;
  return { requestsPerSecond, burst };
}
