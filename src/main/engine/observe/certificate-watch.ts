import type { RouterFact } from '../../../shared/model/events';
import type { ConnectionState, Degradation } from '../../../shared/model/status';
import type { Clock, Timer } from '../ports';

/** The steps at which people are told (guide: mTLS Configuration); 0 means that it has expired. */
export type DaysLeft = 30 | 7 | 1 | 0;

interface Validity {
  /** ISO 8601; unknown where it is not given. */
  readonly validFrom?: string;
  readonly validTo: string;
}

const DAY_MS = 86_400_000;
const STEPS = [1, 7, 30] as const;
const LOOK_EVERY_MS = 3_600_000;

/**
 * The step that a certificate has reached. A step of half its whole life or more does not count, so that certificates
 * that are made for a day or a week are not reported all the time.
 *
 * @returns null while it is far from its end, or when its end is unknown
 */
export function daysLeft({ validFrom, validTo }: Validity, now: number): DaysLeft | null {
  const end = Date.parse(validTo);
  if (Number.isNaN(end)) return null;
  if (end <= now) return 0;
  const lifeMs = validFrom === undefined ? Number.POSITIVE_INFINITY : end - Date.parse(validFrom);
  const step = STEPS.find((days) => end - now < days * DAY_MS && days * DAY_MS * 2 < lifeMs);
  return step ?? null;
}

/** Degraded while our own certificate in use is near its end; the gateway's is its operator's business. */
export function expiryDegradations(
  connections: readonly ConnectionState[],
  now: number,
): readonly Degradation[] {
  for (const connection of connections) {
    const client = connection.name === 'connected' ? connection.tls?.client : undefined;
    if (client === undefined || daysLeft(client, now) === null) continue;
    return [
      {
        code: 'certificate-expiring',
        text: `The client certificate of "${client.subject}" ends at ${client.validTo}.`,
      },
    ];
  }
  return [];
}

/** What the watch needs. */
export interface WatchParts {
  readonly clock: Clock;
  readonly connections: () => readonly ConnectionState[];
  readonly publish: (fact: RouterFact) => void;
}

type Expiring = Extract<RouterFact, { kind: 'certificate-expiring' }>;

/** Tells of every certificate in use once per step, also while a connection stays open for weeks. */
export class CertificateWatch {
  private told: ReadonlySet<string> = new Set();
  private timer: Timer | undefined;

  constructor(private readonly parts: WatchParts) {}

  /** Looks now, and every hour from now on. */
  look(): void {
    const { clock, publish } = this.parts;
    this.timer?.cancel();
    this.timer = clock.after(LOOK_EVERY_MS, () => {
      this.look();
    });
    const found = new Map(this.expiring().map((fact) => [keyOf(fact), fact]));
    const before = this.told;
    // Told before it is published: what hears of it may make us look again.
    this.told = new Set([...before, ...found.keys()].slice(-MAX_REMEMBERED));
    for (const [key, fact] of found) if (!before.has(key)) publish(fact);
  }

  stop(): void {
    this.timer?.cancel();
  }

  private expiring(): readonly Expiring[] {
    const now = this.parts.clock.now();
    return this.parts.connections().flatMap((connection) => {
      if (connection.name !== 'connected' || connection.tls === null) return [];
      const { client, ...gateway } = connection.tls;
      return [
        ...(client === undefined ? [] : expiringOne('client', client, now)),
        ...expiringOne('gateway', gateway, now),
      ];
    });
  }
}

const MAX_REMEMBERED = 100;

function expiringOne(
  whose: Expiring['whose'],
  certificate: Validity & { readonly subject: string },
  now: number,
): readonly Expiring[] {
  const left = daysLeft(certificate, now);
  if (left === null) return [];
  const { subject, validTo } = certificate;
  return [{ kind: 'certificate-expiring', whose, subject, validTo, daysLeft: left }];
}

const keyOf = ({ whose, subject, validTo, daysLeft: left }: Expiring): string =>
  JSON.stringify([whose, subject, validTo, left]);
