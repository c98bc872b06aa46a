import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  chooseEndpoint,
  type EndpointChoice,
  type EndpointFacts,
} from '../../../src/main/engine/gateway/endpoint-choice';
import { pseudoRandom } from '../../support/pseudo-random';

const endpoint = (url: string, changes: Partial<EndpointFacts> = {}): EndpointFacts => ({
  url,
  priority: 1,
  weight: 1,
  refusal: null,
  breaker: { name: 'closed', failures: 0 },
  ...changes,
});
const refusal = { code: 'auth-failed', detail: 'HTTP status 401' } as const;
const open = { name: 'open', until: 1000 } as const;
const use = (url: string): EndpointChoice => ({ kind: 'use', url });

function choose(
  endpoints: readonly EndpointFacts[],
  tried: readonly string[] = [],
  { now = 0, random = 0 } = {},
): EndpointChoice {
  return chooseEndpoint(endpoints, { tried: new Set(tried), now, random });
}

describe('the choice of an endpoint', () => {
  const a = endpoint('a');
  const b = endpoint('b', { priority: 2 });
  const c = endpoint('c', { priority: 2 });

  it.each([
    ['the lowest number is used', [a, b], [], use('a')],
    ['the next one when it was tried', [a, b], ['a'], use('b')],
    ['all were tried', [a, b], ['a', 'b'], { kind: 'wait' }],
    ['a refused one is passed over', [{ ...a, refusal }, b], [], use('b')],
    [
      'all are refused',
      [
        { ...a, refusal },
        { ...b, refusal },
      ],
      [],
      { kind: 'all-refused', cause: refusal },
    ],
    ['refused, and the other one tried', [{ ...a, refusal }, b], ['b'], { kind: 'wait' }],
    ['one that fails is passed over', [{ ...a, breaker: open }, b], [], use('b')],
    [
      'it stays passed over when the other one was tried',
      [{ ...a, breaker: open }, b],
      ['b'],
      { kind: 'wait' },
    ],
    ['there is nowhere else', [{ ...a, breaker: open }], [], use('a')],
    ['nowhere else, and it was tried', [{ ...a, breaker: open }], ['a'], { kind: 'wait' }],
    [
      'all fail',
      [
        { ...a, breaker: open },
        { ...b, breaker: open },
      ],
      ['a'],
      use('b'),
    ],
    [
      'what fails is better than what refuses',
      [
        { ...a, breaker: open },
        { ...b, refusal },
      ],
      [],
      use('a'),
    ],
    ['the same number goes before the next', [b, c, endpoint('d', { priority: 3 })], ['b'], use('c')],
  ] as const)('SEC-63 %s', (_name, endpoints, tried, expected) => {
    expect(choose(endpoints, tried)).toEqual(expected);
  });

  it('goes back to the one that comes first when its time is up, one connection at a time', () => {
    expect(choose([{ ...a, breaker: open }, b], [], { now: 999 })).toEqual(use('b'));
    expect(choose([{ ...a, breaker: open }, b], [], { now: 1000 })).toEqual(use('a'));
    const probed = { name: 'half-open', successes: 0, isProbed: true } as const;
    expect(choose([{ ...a, breaker: probed }, b])).toEqual(use('b'));
  });

  it('shares by weight within a priority', () => {
    const random = pseudoRandom(62);
    const endpoints = [
      endpoint('a', { weight: 1 }),
      endpoint('b', { weight: 3 }),
      endpoint('c', { priority: 2 }),
    ];
    const counts = new Map<string, number>();
    for (let index = 0; index < 10_000; index += 1) {
      const choice = choose(endpoints, [], { random: random() });
      const url = choice.kind === 'use' ? choice.url : '';
      counts.set(url, (counts.get(url) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['a', 'b']);
    expect(counts.get('b')).toBeGreaterThan(7200);
    expect(counts.get('b')).toBeLessThan(7800);
  });

  it('never takes what refuses or was tried, and always finds what is left', () => {
    const facts = fc.record({
      priority: fc.nat(3),
      weight: fc.integer({ min: 1, max: 5 }),
      refusal: fc.constantFrom(null, refusal),
      breaker: fc.constantFrom(a.breaker, open),
    });
    fc.assert(
      fc.property(
        fc.array(facts, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(5)),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (list, triedAt, random) => {
          const endpoints = list
            .map((fact, index) => ({ ...fact, url: String(index) }))
            .sort((one, other) => one.priority - other.priority);
          const tried = new Set(triedAt.map(String));
          const choice = chooseEndpoint(endpoints, { tried, now: 0, random });
          const usable = endpoints.filter((fact) => fact.refusal === null);
          const well = usable.filter(({ breaker }) => breaker.name === 'closed');
          const left = (well.length > 0 ? well : usable).filter(({ url }) => !tried.has(url));
          const expected = usable.length === 0 ? 'all-refused' : left.length === 0 ? 'wait' : 'use';
          expect(choice.kind).toBe(expected);
          if (choice.kind !== 'use') return;
          const chosen = left.find(({ url }) => url === choice.url);
          expect(chosen?.priority).toBe(left[0]?.priority);
        },
      ),
    );
  });
});
