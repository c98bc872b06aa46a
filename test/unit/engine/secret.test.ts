import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';

import { describe, expect, it } from 'vitest';

import { Secret } from '../../../src/main/engine/auth/secret';

const VALUE = 'sk-very-secret-1';

describe('SEC-05 a Secret', () => {
  const secret = new Secret(VALUE);
  const holder = { credential: { secret }, list: [secret], map: new Map([['secret', secret]]) };

  it.each([
    ['String()', () => String(secret)],
    ['a template', () => `${secret.toString()} ${String(secret)}`],
    ['concatenation', () => ['', secret].join('x')],
    ['JSON.stringify', () => JSON.stringify(holder)],
    ['util.inspect', () => inspect(holder, { depth: null, showHidden: true })],
    ['util.inspect without custom functions', () => inspect(holder, { depth: null, customInspect: false })],
    ['util.format', () => format('%s %o %O %j %d', secret, secret, secret, secret, secret)],
    ['an error message', () => inspect(new Error(`failed with ${String(secret)}`, { cause: secret }))],
    ['structuredClone', () => inspect(structuredClone(secret), { showHidden: true })],
    ['v8 serialisation, as between processes', () => serialize(secret).toString('latin1')],
    ['its own properties', () => JSON.stringify(Object.getOwnPropertyDescriptors(secret))],
    ['Object.assign', () => inspect(Object.assign({}, secret))],
  ])('does not show in %s', (_where, show) => {
    expect(show()).not.toContain(VALUE);
  });

  it('is revealed where it is used', () => {
    expect(secret.reveal()).toBe(VALUE);
  });
});
