import { describe, expect, it } from 'vitest';

import {
  CertificateWatch,
  daysLeft,
  expiryDegradations,
} from '../../../src/main/engine/observe/certificate-watch';
import type { Timer } from '../../../src/main/engine/ports';
import type { RouterFact } from '../../../src/shared/model/events';
import type { ConnectionState } from '../../../src/shared/model/status';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-01T00:00:00Z');
const iso = (time: number): string => new Date(time).toISOString();
const YEAR = { validFrom: iso(NOW - 300 * DAY) };

const connected = (validTo: string): ConnectionState => ({
  name: 'connected',
  since: NOW,
  tls: {
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    isVerified: true,
    subject: 'gateway',
    issuer: 'ca',
    ...YEAR,
    validTo: iso(NOW + 300 * DAY),
    client: { subject: 'ada', issuer: 'ca', ...YEAR, validTo },
  },
});

describe('the end of a certificate', () => {
  it.each([
    [31, null],
    [29, 30],
    [8, 30],
    [6.9, 7],
    [1.1, 7],
    [0.9, 1],
    [0, 0],
    [-3, 0],
  ])('SEC-23 %d days before it is step %s', (days, step) => {
    expect(daysLeft({ ...YEAR, validTo: iso(NOW + days * DAY) }, NOW)).toBe(step);
  });

  it('is no news for a certificate that is made for so short a time', () => {
    const day = { validFrom: iso(NOW - DAY / 2), validTo: iso(NOW + DAY / 2) };
    expect(daysLeft(day, NOW)).toBeNull();
    expect(daysLeft(day, NOW + DAY)).toBe(0);
    const week = { validFrom: iso(NOW - 6.5 * DAY), validTo: iso(NOW + DAY / 2) };
    expect(daysLeft(week, NOW)).toBe(1);
    expect(daysLeft({ validTo: 'unknown' }, NOW)).toBeNull();
  });

  it('SEC-23 is told once for each step, also while one connection stays open', () => {
    let now = NOW;
    const facts: RouterFact[] = [];
    const timers: { due: number; callback: () => void }[] = [];
    const watch = new CertificateWatch({
      clock: {
        now: () => now,
        after: (delayMs, callback): Timer => {
          const timer = { due: now + delayMs, callback };
          timers.push(timer);
          return { cancel: () => timers.splice(timers.indexOf(timer), 1) };
        },
      },
      connections: () => [{ name: 'idle' }, connected(iso(NOW + 40 * DAY)), connected(iso(NOW + 40 * DAY))],
      publish: (fact) => facts.push(fact),
    });
    watch.look();
    watch.look();
    expect(facts).toEqual([]);
    while (now < NOW + 42 * DAY) {
      const next = timers.shift();
      if (next === undefined) throw new Error('it does not look again');
      now = next.due;
      next.callback();
    }
    watch.stop();
    expect(timers).toEqual([]);
    expect(facts.map((fact) => fact.kind === 'certificate-expiring' && fact.daysLeft)).toEqual([30, 7, 1, 0]);
    expect(facts[0]).toEqual({
      kind: 'certificate-expiring',
      whose: 'client',
      subject: 'ada',
      validTo: iso(NOW + 40 * DAY),
      daysLeft: 30,
    });
  });

  it('SEC-23 degrades for our own certificate only', () => {
    expect(expiryDegradations([connected(iso(NOW + 29 * DAY))], NOW)).toMatchObject([
      { code: 'certificate-expiring' },
    ]);
    expect(expiryDegradations([connected(iso(NOW + 31 * DAY))], NOW)).toEqual([]);
    expect(expiryDegradations([connected(iso(NOW + 999 * DAY))], NOW + 299 * DAY)).toEqual([]);
  });
});
