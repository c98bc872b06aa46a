import fc from 'fast-check';

import type { MessageFault } from './gateway/faults';

/** One step of a random session. `client` and `pick` are taken modulo what there is. */
export type Action =
  | { readonly kind: 'request'; readonly client: number; readonly spelling: Spelling }
  | { readonly kind: 'request-again'; readonly client: number; readonly pick: number }
  | { readonly kind: 'large-request'; readonly client: number; readonly bytes: number }
  | { readonly kind: 'initialize'; readonly client: number }
  | { readonly kind: 'notification'; readonly client: number }
  | { readonly kind: 'rubbish'; readonly client: number }
  | { readonly kind: 'cancel'; readonly client: number; readonly pick: number }
  | { readonly kind: 'server-asks'; readonly pick: number }
  | { readonly kind: 'answer'; readonly client: number; readonly pick: number }
  | { readonly kind: 'fault'; readonly fault: MessageFault | 'hold' }
  | { readonly kind: 'release' }
  | { readonly kind: 'drop-connections'; readonly code: number }
  | { readonly kind: 'gateway-dies' }
  | { readonly kind: 'gateway-returns' }
  | { readonly kind: 'upgrade-refused'; readonly status: number }
  | { readonly kind: 'switch-off' }
  | { readonly kind: 'switch-on' }
  | { readonly kind: 'reload'; readonly limits: Limits }
  | { readonly kind: 'until-connected' }
  | { readonly kind: 'until-deadlines-passed'; readonly client: number }
  | { readonly kind: 'leave'; readonly client: number };

/** The part of the configuration that a run varies. */
export interface Limits {
  readonly max_concurrent_requests: number;
  readonly max_queued_requests: number;
  readonly request_timeout_ms: number;
}

/** How a run is set up. */
export interface RandomSetup {
  readonly clients: number;
  readonly isDuplex: boolean;
  readonly hasKeeper: boolean;
  /** `gateway.connection.pool.max_connections`. */
  readonly pool: number;
  readonly limits: Limits;
}

/** The ways to write an id; a serial number makes each unique. */
export const spellings = {
  integer: (serial: number) => String(serial),
  negative: (serial: number) => `-${String(serial)}`,
  fraction: (serial: number) => `${String(serial)}.50`,
  exponent: (serial: number) => `${String(serial)}e5`,
  'beyond-double': (serial: number) => `${String(serial)}00000000000000003`,
  string: (serial: number) => `"id ${String(serial)}"`,
  digits: (serial: number) => `"${String(serial)}"`,
  escaped: (serial: number) => `"\\u0061\\/\\"${String(serial)}\\n"`,
  unicode: (serial: number) => `"é𝄞\u2028<&>${String(serial)}"`,
  'escaped-pair': (serial: number) => `"\\ud834\\udd1e${String(serial)}"`,
  'lone-surrogate': (serial: number) => `"\\ud800${String(serial)}"`,
} as const satisfies Record<string, (serial: number) => string>;

export type Spelling = keyof typeof spellings;

const client = fc.nat({ max: 1 });
const pick = fc.nat({ max: 50 });

const limits: fc.Arbitrary<Limits> = fc.record({
  max_concurrent_requests: fc.constantFrom(1, 2, 100),
  max_queued_requests: fc.constantFrom(0, 1, 4, 100),
  request_timeout_ms: fc.constantFrom(25, 80, 60_000, 60_000),
});

const spelling = fc.constantFrom<Spelling>(
  'integer',
  'negative',
  'fraction',
  'exponent',
  'beyond-double',
  'string',
  'digits',
  'escaped',
  'unicode',
  'escaped-pair',
  'lone-surrogate',
);

const closeFault = fc
  .record({
    code: fc.constantFrom(1000, 1001, 1006, 1011, 1013, 4000),
    moment: fc.constantFrom('before-backend', 'after-backend'),
  })
  .map(({ code, moment }): MessageFault => ({ kind: 'close', code, moment }));

const fault: fc.Arbitrary<MessageFault | 'hold'> = fc.oneof(
  { weight: 4, arbitrary: fc.constant('hold' as const) },
  { weight: 2, arbitrary: closeFault },
  {
    weight: 4,
    arbitrary: fc.constantFrom<MessageFault>(
      { kind: 'drop-reply' },
      { kind: 'duplicate-reply' },
      { kind: 'unknown-id' },
      { kind: 'null-id-error' },
      { kind: 'bare-reply' },
      { kind: 'binary-frame' },
      { kind: 'broken-envelope' },
      { kind: 'oversized-frame', bytes: 70_000 },
      { kind: 'backend-timeout' },
    ),
  },
);

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('request' as const), client, spelling }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('request-again' as const), client, pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('large-request' as const),
      client,
      bytes: fc.constantFrom(65_400, 65_536, 200_000, 300_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('initialize' as const), client }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('notification' as const), client }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rubbish' as const), client }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), client, pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('server-asks' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer' as const), client, pick }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('fault' as const), fault }) },
  { weight: 2, arbitrary: fc.constant<Action>({ kind: 'release' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('drop-connections' as const),
      code: fc.constantFrom(1000, 1001, 1006, 1009, 1011),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: 'gateway-dies' }) },
  { weight: 2, arbitrary: fc.constant<Action>({ kind: 'gateway-returns' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('upgrade-refused' as const),
      status: fc.constantFrom(401, 404, 503),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: 'switch-off' }) },
  { weight: 2, arbitrary: fc.constant<Action>({ kind: 'switch-on' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reload' as const), limits }) },
  { weight: 6, arbitrary: fc.constant<Action>({ kind: 'until-connected' }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('until-deadlines-passed' as const), client }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), client }) },
);

/** A setup, and what happens to it. */
export const randomRun: fc.Arbitrary<{ setup: RandomSetup; actions: readonly Action[] }> = fc.record({
  setup: fc.record({
    clients: fc.constantFrom(1, 1, 2),
    isDuplex: fc.boolean(),
    hasKeeper: fc.boolean(),
    pool: fc.constantFrom(1, 3),
    limits,
  }),
  actions: fc.array(action, { minLength: 5, maxLength: 45, size: 'max' }),
});
