import type { RouterConfig } from '../../../shared/model/config';
import type { Refusal } from '../jsonrpc/message';
import type { NotificationMessage, RequestMessage } from '../jsonrpc/scan';

import { decideSlot, type ClientLoad } from './fair-slots';
import { MethodPolicy } from './method-policy';
import { FairTokenBucket, type RateLimit } from './rate-limit';

/** What the guards look at; never a payload. */
export interface RequestFacts {
  /** Whose share it counts against. */
  readonly client: string;
  readonly byteLength: number;
  readonly load: ClientLoad;
  readonly others: readonly ClientLoad[];
  /** False while the request would wait in the queue, which has a limit of its own. */
  readonly isSentAtOnce: boolean;
  /** Milliseconds of the clock. */
  readonly now: number;
}

/** Why a request may not pass, and which limit said so. */
export interface GuardRefusal extends Refusal {
  readonly limit: 'gateway.max_message_bytes' | 'local.rate_limit' | 'local.max_concurrent_requests';
}

/** What the audit trail has to say about requests. */
export interface RequestAudit {
  /** They are recorded. */
  readonly wantsRequests: boolean;
  /** They must be recorded, and cannot be. */
  readonly refusal: Refusal | undefined;
}

const NO_AUDIT: RequestAudit = { wantsRequests: false, refusal: undefined };

/** `send`: to the wire. `queue`: it may pass, and waits for its turn. */
export type Admission = 'send' | 'queue' | GuardRefusal;

/** A slot frees when a reply comes; nobody knows when, so clients are asked to wait this long. */
const CONCURRENCY_RETRY_MS = 100;

/**
 * The checks on the way up (design section 3). The rate comes last, so that what another limit refuses spends no
 * token.
 */
export class Guard {
  private readonly bucket: FairTokenBucket;
  private policy: MethodPolicy;
  /** Nothing passes; the router says so. */
  isLockedDown = false;

  constructor(
    private readonly config: () => RouterConfig,
    now: number,
    private readonly audit: RequestAudit = NO_AUDIT,
  ) {
    this.bucket = new FairTokenBucket(rateLimitOf(config()), now);
    this.policy = new MethodPolicy(config().local.policy);
  }

  /** A client attached, and has a share of the limits. */
  join(client: string, now: number): void {
    this.bucket.join(client, now);
  }

  leave(client: string): void {
    this.bucket.leave(client);
  }

  /** True when requests are recorded. */
  get audits(): boolean {
    return this.audit.wantsRequests;
  }

  /** @returns undefined when neither a lockdown nor the audit log nor a rule of `local.policy` is against the message */
  denial(message: RequestMessage | NotificationMessage): Refusal | undefined {
    if (this.isLockedDown) return { code: 'locked-down' };
    return this.audit.refusal ?? this.policy.denial(message);
  }

  /** When the request may pass, a token of the rate limit is spent. */
  admission(facts: RequestFacts): Admission {
    const tooLarge = this.checkSize(facts.byteLength);
    if (tooLarge !== undefined) return tooLarge;
    const limit = this.config().local.max_concurrent_requests;
    const slot = facts.isSentAtOnce ? decideSlot(limit, facts.load, facts.others) : 'wait';
    if (slot === 'refuse') return concurrencyLimited(limit);
    return this.checkRate(facts) ?? (slot === 'go' ? 'send' : 'queue');
  }

  /** True when a request that waits may go to the wire. */
  maySend(load: ClientLoad, others: readonly ClientLoad[]): boolean {
    return decideSlot(this.config().local.max_concurrent_requests, load, others) === 'go';
  }

  /** Spends a token for a notification; false when it is over the limit. */
  admitsNotification(client: string, now: number): boolean {
    return !this.config().local.rate_limit.enabled || this.bucket.take(client, now).ok;
  }

  /** The configuration has changed. */
  reload(now: number): void {
    this.bucket.change(rateLimitOf(this.config()), now);
    this.policy = new MethodPolicy(this.config().local.policy);
  }

  private checkSize(byteLength: number): GuardRefusal | undefined {
    const { max_message_bytes: limit } = this.config().gateway;
    return byteLength <= limit ? undefined : tooLarge(byteLength, limit);
  }

  private checkRate({ client, now }: RequestFacts): GuardRefusal | undefined {
    const { rate_limit: limit } = this.config().local;
    if (!limit.enabled) return undefined;
    const permit = this.bucket.take(client, now);
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

const concurrencyLimited = (limit: number): GuardRefusal => ({
  code: 'concurrency-limited',
  detail: `limit ${String(limit)}`,
  retryAfterMs: CONCURRENCY_RETRY_MS,
  limit: 'local.max_concurrent_requests',
});

function rateLimitOf(config: RouterConfig): RateLimit {
  const { requests_per_second: requestsPerSecond, burst } = config.local.rate_limit;
  return { requestsPerSecond, burst };
}
