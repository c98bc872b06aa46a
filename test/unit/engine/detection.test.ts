import { describe, expect, it } from 'vitest';

import { alertRules, type AlertRule } from '../../../src/shared/model/alerts';
import type { RouterFact } from '../../../src/shared/model/events';
import {
  DetectionBench,
  HOUR,
  later,
  MINUTE,
  normalHour,
  normalWork,
  repeated,
  SECOND,
  settled,
  type Timed,
} from '../../support/event-streams';

const refusedToken = (lane: string): RouterFact => ({
  kind: 'auth-failed',
  lane,
  code: 'auth-failed',
  detail: 'HTTP 401',
});
const trust = (code: 'certificate-rejected' | 'pin-mismatch', lane: string): RouterFact => ({
  kind: 'certificate-rejected',
  lane,
  code,
  detail: '',
});
const weak: RouterFact = { kind: 'connection-failed', lane: 'keeper', code: 'cipher-rejected', detail: '' };
const knock = (reason: 'host' | 'origin' | 'token', times = 1): RouterFact => ({
  kind: 'local-client-refused',
  door: 'http',
  reason,
  times,
});
const tooLarge: RouterFact = { kind: 'request-refused', session: 's1', code: 'line-too-large', detail: '' };
const refusal: RouterFact = { kind: 'request-refused', session: 's1', code: 'rate-limited', detail: '' };
const newTools = (count: number): readonly Timed[] =>
  Array.from({ length: count }, (_, index) => [index * SECOND, settled({ tool: 5000 + index })] as const);
const reading = settled({ method: 'resources/read', tool: null });
const mixed = (count: number, everyMs: number): readonly Timed[] =>
  Array.from({ length: count }, (_, index) => [
    index * everyMs,
    index % 4 === 0 ? reading : settled({ tool: index % 20 }),
  ]);

/** What happens after an hour of normal traffic. */
const attacks: readonly (readonly [string, AlertRule, readonly Timed[]])[] = [
  [
    'a token that is tried again and again',
    'auth_failures',
    repeated(refusedToken('keeper'), 40, 5 * SECOND),
  ],
  [
    'sessions that come one after the other to guess',
    'auth_failures',
    Array.from({ length: 30 }, (_, index) => [index * 1500, refusedToken(`s${String(100 + index)}`)]),
  ],
  [
    'new tokens that are all refused',
    'auth_failures',
    repeated({ kind: 'credential-rolled-back', what: 'token', name: 'gateway' }, 6, 20 * SECOND),
  ],
  [
    'a certificate of somebody else, on each try of each connection',
    'certificate_failures',
    [...Array(20).keys()].map((index) => [
      index * 2 * SECOND,
      trust('certificate-rejected', index % 2 === 0 ? 'keeper' : 's1'),
    ]),
  ],
  ['a key that is not the pinned one', 'certificate_failures', [[0, trust('pin-mismatch', 'keeper')]]],
  ['a gateway that offers weaker suites than before', 'certificate_failures', repeated(weak, 5, 10 * SECOND)],
  ['a web page that knocks', 'unexpected_clients', repeated(knock('origin'), 200, SECOND)],
  ['a name that was bent by DNS, very often', 'unexpected_clients', [[0, knock('host', 5000)]]],
  ['a revoked token that is still used', 'unexpected_clients', repeated(knock('token'), 10, 15 * SECOND)],
  ['a client out of control', 'request_rate', mixed(9000, 20)],
  ['a client that is stopped by the rate limit, and goes on', 'request_rate', repeated(refusal, 9000, 20)],
  ['resources that are read one after the other', 'method_mix', repeated(reading, 400, 150)],
  ['tools that are tried one after the other', 'new_tools', newTools(30)],
  ['files that leave as arguments', 'large_requests', repeated(settled({ bytes: 900_000 }), 12, 4 * SECOND)],
  ['messages above the limit', 'large_requests', repeated(tooLarge, 20, 5 * SECOND)],
];

describe('SEC-97 detection', () => {
  it.each([...Array(25).keys()])('raises nothing in an hour of normal traffic (seed %i)', (seed) => {
    const bench = new DetectionBench().play(normalHour(seed)).play(normalHour(seed + 1000));
    expect(bench.told).toEqual([]);
    expect(bench.clock.waiting).toBe(0);
  });

  it.each(attacks)('%s: exactly one alert (%s), which ends by itself', (_name, rule, attack) => {
    const bench = new DetectionBench().play(normalHour(7)).play(later(MINUTE, attack));
    expect(bench.raised).toEqual([rule]);
    expect(bench.watch.alerts).toMatchObject([{ rule }]);
    bench.play(normalWork(HOUR, 8));
    expect(bench.raised).toEqual([rule]);
    expect(bench.resolved).toEqual([rule]);
    expect(bench.watch.alerts).toEqual([]);
    expect(bench.clock.waiting).toBe(0);
  });

  it('has an attack for every rule', () => {
    expect(new Set(attacks.map(([, rule]) => rule))).toEqual(new Set(alertRules));
  });

  it('counts what belongs to an incident, and says how long it went on', () => {
    const bench = new DetectionBench().play(repeated(refusedToken('keeper'), 9, 10 * SECOND));
    expect(bench.told).toEqual([{ kind: 'alert-raised', rule: 'auth_failures', count: 5 }]);
    expect(bench.watch.alerts).toMatchObject([{ rule: 'auth_failures', count: 9 }]);
    bench.clock.advance(HOUR);
    expect(bench.told[1]).toEqual({
      kind: 'alert-resolved',
      rule: 'auth_failures',
      count: 9,
      durationMs: 40 * SECOND,
    });
  });

  it('is one incident as long as it goes on, and another one after a pause', () => {
    const bench = new DetectionBench().play(repeated(refusedToken('keeper'), 30, 4 * MINUTE));
    expect(bench.raised).toEqual([]);
    bench.play(repeated(refusedToken('keeper'), 5, 60 * SECOND));
    bench.play(later(9 * MINUTE, repeated(refusedToken('keeper'), 5, 9 * MINUTE)));
    expect(bench.raised).toHaveLength(1);
    expect(bench.resolved).toEqual([]);
    bench.play(later(11 * MINUTE, repeated(refusedToken('keeper'), 5, 60 * SECOND)));
    expect(bench.raised).toHaveLength(2);
    expect(bench.resolved).toHaveLength(1);
  });

  it('needs a whole new series for another alert, however long the window is', () => {
    const settings = { resolve_after_seconds: 60, auth_failures: { window_seconds: 3600 } };
    const bench = new DetectionBench(settings).play(repeated(refusedToken('keeper'), 5, SECOND));
    bench.play(later(5 * MINUTE, repeated(refusedToken('keeper'), 4, SECOND)));
    expect(bench.raised).toHaveLength(1);
    bench.play(later(2 * SECOND, repeated(refusedToken('keeper'), 1, SECOND)));
    expect(bench.raised).toHaveLength(2);
  });

  it('does not count what is missing on this machine as an attack', () => {
    for (const code of ['credential-missing', 'keychain-locked', 'client-certificate-expired'] as const) {
      const fact: RouterFact = { kind: 'auth-failed', lane: 'keeper', code, detail: '' };
      expect(new DetectionBench().play(repeated(fact, 50, SECOND)).told).toEqual([]);
    }
  });

  it('is not led astray by a clock that is set', () => {
    const bench = new DetectionBench().play(repeated(refusedToken('keeper'), 4, SECOND));
    bench.clock.set(-10 * HOUR);
    bench.play(repeated(refusedToken('keeper'), 4, SECOND));
    expect(bench.raised).toEqual([]);
    bench.play(later(SECOND, repeated(refusedToken('keeper'), 1, SECOND)));
    expect(bench.raised).toHaveLength(1);
    bench.clock.set(-10 * HOUR);
    bench.clock.advance(21 * MINUTE);
    expect(bench.resolved).toHaveLength(1);
  });

  it('gets used to more traffic of which it told once', () => {
    const bench = new DetectionBench().play(normalHour(3));
    for (let minute = 0; minute < 60; minute += 1) bench.play(later(20, mixed(3000, 20)));
    expect(bench.raised).toEqual(['request_rate']);
    expect(bench.resolved).toEqual(['request_rate']);
  });

  it('is off by default where it is not on by default, and on when the configuration says so', () => {
    const stream = repeated(refusedToken('keeper'), 5, SECOND);
    expect(new DetectionBench({}, false).play(stream).raised).toEqual([]);
    expect(new DetectionBench({ enabled: true }, false).play(stream).raised).toEqual(['auth_failures']);
  });

  it('ends an alert whose rule is switched off', () => {
    const bench = new DetectionBench().play(repeated(refusedToken('keeper'), 5, SECOND));
    bench.configure({ auth_failures: { enabled: false } });
    bench.watch.look();
    expect(bench.resolved).toEqual(['auth_failures']);
    expect(bench.watch.alerts).toEqual([]);
  });

  it('holds bounded memory, whatever comes', () => {
    const bench = new DetectionBench().play(normalWork(35 * MINUTE, 4));
    for (let index = 0; index < 30_000; index += 1) {
      bench.play([
        [0, settled({ tool: index, bytes: index })],
        [0, refusedToken(`s${String(index)}`)],
      ]);
      bench.play([
        [0, knock('token', index)],
        [0, tooLarge],
      ]);
    }
    expect(heldBy(bench.watch)).toBeLessThan(2000);
  });
});

/** How many values can be reached from an object. */
function heldBy(root: object): number {
  const seen = new Set<object>();
  let values = 0;
  const visit = (value: unknown): void => {
    values += 1;
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Map) for (const pair of value) visit(pair);
    else if (value instanceof Set) for (const item of value) visit(item);
    else for (const item of Object.values(value)) visit(item);
  };
  visit(root);
  return values;
}

describe('a setting of detection', () => {
  const burst = repeated(refusedToken('keeper'), 5, 10 * SECOND);
  const busy = normalWork(35 * MINUTE, 4);
  const afterWork = (stream: readonly Timed[]): readonly Timed[] => [...busy, ...later(36 * MINUTE, stream)];
  const large = repeated(settled({ bytes: 900_000 }), 3, 10 * SECOND);
  const cases: readonly (readonly [key: string, value: unknown, stream: readonly Timed[]])[] = [
    ['enabled', false, burst],
    ['auth_failures.enabled', false, burst],
    ['auth_failures.threshold', 6, burst],
    ['auth_failures.window_seconds', 39, burst],
    ['certificate_failures.enabled', false, [[0, weak]]],
    ['certificate_failures.threshold', 2, [[0, weak]]],
    ['unexpected_clients.enabled', false, repeated(knock('host'), 3, 10 * SECOND)],
    ['unexpected_clients.threshold', 4, repeated(knock('host'), 3, 10 * SECOND)],
    ['unexpected_clients.window_seconds', 19, repeated(knock('host'), 3, 10 * SECOND)],
    ['new_tools.enabled', false, afterWork(newTools(5))],
    ['new_tools.threshold', 6, afterWork(newTools(5))],
    ['new_tools.window_seconds', 3, afterWork(newTools(5))],
    ['large_requests.enabled', false, afterWork(large)],
    ['large_requests.threshold', 4, afterWork(large)],
    ['large_requests.window_seconds', 19, afterWork(large)],
    ['large_requests.factor', 60, afterWork(large)],
    ['large_requests.min_bytes', 900_000, afterWork(large)],
    ['request_rate.enabled', false, afterWork(mixed(2500, 20))],
    ['request_rate.factor', 10, afterWork(mixed(2500, 20))],
    ['request_rate.min_per_minute', 2500, afterWork(mixed(2500, 20))],
    ['method_mix.enabled', false, afterWork(repeated(reading, 130, 100))],
    ['method_mix.difference', 0.99, afterWork(repeated(reading, 130, 100))],
    ['method_mix.min_per_minute', 131, afterWork(repeated(reading, 130, 100))],
    ['learning_minutes', 60, afterWork(newTools(5))],
  ];

  const withSetting = (key: string, value: unknown): object => {
    const [name = '', below] = key.split('.');
    return { [name]: below === undefined ? value : { [below]: value } };
  };

  it.each(cases)('security.detection.%s is heeded: %j raises nothing', (key, value, stream) => {
    expect(new DetectionBench().play(stream).raised).toHaveLength(1);
    expect(new DetectionBench(withSetting(key, value)).play(stream).raised).toEqual([]);
  });

  it('certificate_failures.window_seconds: failures further apart are not one incident', () => {
    const stream = repeated(weak, 2, 100 * SECOND);
    const settings = (seconds: number): object => ({
      certificate_failures: { threshold: 2, window_seconds: seconds },
    });
    expect(new DetectionBench(settings(100)).play(stream).raised).toHaveLength(1);
    expect(new DetectionBench(settings(99)).play(stream).raised).toEqual([]);
  });

  it('resolve_after_seconds: so long after the last sign it is over', () => {
    const bench = new DetectionBench({ resolve_after_seconds: 60 }).play(burst);
    bench.clock.advance(59 * SECOND);
    expect(bench.resolved).toEqual([]);
    bench.clock.advance(SECOND);
    expect(bench.resolved).toEqual(['auth_failures']);
  });
});
