import { alertRules, type Alert, type AlertRule } from '../../../shared/model/alerts';
import type { DetectionConfig } from '../../../shared/model/config';
import type { ErrorCode } from '../../../shared/model/errors';
import type { RouterEvent, RouterFact } from '../../../shared/model/events';

import { MinuteTraffic } from './minute-traffic';
import { RequestSizes } from './request-sizes';
import { SlidingCount } from './sliding-count';

/** What detection tells of. */
export type AlertChange = Extract<RouterFact, { kind: 'alert-raised' | 'alert-resolved' }>;

type Windowed =
  'auth_failures' | 'certificate_failures' | 'unexpected_clients' | 'new_tools' | 'large_requests';

/** The other side did not believe us; what is missing on this machine is no attack. */
const REFUSED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'auth-failed',
  'oauth-refused',
  'client-certificate-refused',
]);
/** Connections that failed because the other side offered less than we demand. */
const WEAKENED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['tls-version-rejected', 'cipher-rejected']);
const TOO_LARGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['message-too-large', 'line-too-large']);
/** Connections that fail together, as when a token has ended, are one failure. */
const TOGETHER_MS = 1000;
const MAX_LANES = 256;
const MAX_TOOLS = 1024;
const nothing: readonly AlertChange[] = [];

/**
 * Finds what is suspicious in the stream of events (guide: Intrusion Detection). Pure: time comes with the events. One
 * alert per incident: as long as it goes on it is counted, and when nothing of it was seen for a while it is over.
 * It holds no more than a few numbers per rule, 256 names of connections and the hashes of 1024 tools.
 */
export class Detection {
  private readonly open = new Map<AlertRule, { raisedAt: number; seenAt: number; count: number }>();
  private readonly windows: Readonly<Record<Windowed, SlidingCount>> = {
    auth_failures: new SlidingCount(),
    certificate_failures: new SlidingCount(),
    unexpected_clients: new SlidingCount(),
    new_tools: new SlidingCount(),
    large_requests: new SlidingCount(),
  };
  private readonly traffic = new MinuteTraffic();
  private readonly sizes = new RequestSizes();
  private readonly tools = new Set<number>();
  private readonly failedLanes = new Set<string>();
  private failedSince = Number.NEGATIVE_INFINITY;

  /** @param isOnByDefault whether it is on when the configuration does not say */
  constructor(
    private readonly settings: () => DetectionConfig,
    private readonly isOnByDefault: boolean,
  ) {}

  /** The incidents that are not over; one for each rule at most. */
  get alerts(): readonly Alert[] {
    return [...this.open].map(([rule, alert]) => ({ rule, ...alert }));
  }

  /** When {@link look} may find that one is over; null while there is none. Epoch milliseconds. */
  get nextLookAt(): number | null {
    if (this.open.size === 0) return null;
    const seen = Math.min(...[...this.open.values()].map(({ seenAt }) => seenAt));
    return seen + this.settings().resolve_after_seconds * 1000;
  }

  /** Takes one event in; most cause nothing. */
  note(event: RouterEvent): readonly AlertChange[] {
    if (!this.isEnabled) return nothing;
    const { at } = event;
    switch (event.kind) {
      case 'request-settled':
        return this.noteRequest(event);
      case 'request-refused':
        return this.noteRefusal(event.code, at);
      case 'auth-failed':
        return REFUSED.has(event.code) && this.isOwnFailure(event.lane, at)
          ? this.count('auth_failures', at)
          : nothing;
      case 'credential-rolled-back':
        return this.count('auth_failures', at);
      case 'certificate-rejected':
        return this.count('certificate_failures', at);
      case 'connection-failed':
        if (event.code === 'proxy-auth-failed') return this.count('auth_failures', at);
        return WEAKENED.has(event.code) ? this.count('certificate_failures', at) : nothing;
      case 'local-client-refused':
        return this.count('unexpected_clients', at, event.times);
      default:
        return nothing;
    }
  }

  /** Ends what is over, and what was switched off. */
  look(now: number): readonly AlertChange[] {
    const settings = this.settings();
    const changes: AlertChange[] = [];
    for (const [rule, alert] of this.open) {
      // The clock was set back: it is seen from now on.
      alert.seenAt = Math.min(alert.seenAt, now);
      const isOver = now - alert.seenAt >= settings.resolve_after_seconds * 1000;
      if (!isOver && this.isOn(rule)) continue;
      this.open.delete(rule);
      if (isWindowed(rule)) this.windows[rule].clear();
      const durationMs = Math.max(0, alert.seenAt - alert.raisedAt);
      changes.push({ kind: 'alert-resolved', rule, count: alert.count, durationMs });
    }
    return changes;
  }

  private noteRequest(event: Extract<RouterEvent, { kind: 'request-settled' }>): readonly AlertChange[] {
    const settings = this.settings();
    const { at, tool } = event;
    const { traffic } = this;
    traffic.add(at, event.method, settings);
    const hasLearned = traffic.hasLearned(settings);
    const isLarge = this.sizes.add(event.requestBytes, settings, hasLearned);
    const isNewTool = tool !== null && this.isNewTool(tool) && hasLearned;
    const isMany = traffic.isRateUnusual(settings);
    const isOther = traffic.isMixUnusual(settings);
    if (!isLarge && !isNewTool && !isMany && !isOther) return nothing;
    return [
      ...(isLarge ? this.count('large_requests', at) : nothing),
      ...(isNewTool ? this.count('new_tools', at) : nothing),
      ...(isMany ? this.sign('request_rate', at, 1) : nothing),
      ...(isOther ? this.sign('method_mix', at, 1) : nothing),
    ];
  }

  private noteRefusal(code: ErrorCode, at: number): readonly AlertChange[] {
    const settings = this.settings();
    this.traffic.add(at, null, settings);
    if (TOO_LARGE.has(code)) return this.count('large_requests', at);
    return this.traffic.isRateUnusual(settings) ? this.sign('request_rate', at, 1) : nothing;
  }

  /** False for another connection that fails for the same reason at the same time. */
  private isOwnFailure(lane: string, at: number): boolean {
    if (at - this.failedSince > TOGETHER_MS || at < this.failedSince) {
      this.failedSince = at;
      this.failedLanes.clear();
    }
    const isFirst = this.failedLanes.size === 0;
    const isAgain = this.failedLanes.has(lane);
    if (this.failedLanes.size < MAX_LANES) this.failedLanes.add(lane);
    return isFirst || isAgain;
  }

  private isNewTool(tool: number): boolean {
    if (this.tools.has(tool) || this.tools.size >= MAX_TOOLS) return false;
    this.tools.add(tool);
    return true;
  }

  private count(rule: Windowed, at: number, times = 1): readonly AlertChange[] {
    const limit = this.settings()[rule];
    let isReached = false;
    for (let time = 0; time < Math.min(times, limit.threshold); time += 1) {
      isReached = this.windows[rule].add(at, limit) || isReached;
    }
    if (this.open.has(rule)) return this.sign(rule, at, times);
    return isReached ? this.sign(rule, at, limit.threshold) : nothing;
  }

  private sign(rule: AlertRule, at: number, times: number): readonly AlertChange[] {
    if (!this.isOn(rule)) return nothing;
    const alert = this.open.get(rule);
    if (alert !== undefined) {
      alert.count += times;
      alert.seenAt = at;
      return nothing;
    }
    this.open.set(rule, { raisedAt: at, seenAt: at, count: times });
    return [{ kind: 'alert-raised', rule, count: times }];
  }

  private isOn(rule: AlertRule): boolean {
    return this.isEnabled && this.settings()[rule].enabled;
  }

  private get isEnabled(): boolean {
    return this.settings().enabled ?? this.isOnByDefault;
  }
}

const windowedRules: ReadonlySet<AlertRule> = new Set<AlertRule>(
  alertRules.filter((rule) => rule !== 'request_rate' && rule !== 'method_mix'),
);
const isWindowed = (rule: AlertRule): rule is Windowed => windowedRules.has(rule);
