import { describe, expect, it } from 'vitest';

import { parseTokenArgs } from '../../../src/main/cli/token-args';
import { chooseAmong, type ConfiguredCredential } from '../../../src/main/compose/rotation-choice';
import type { CredentialSlot } from '../../../src/main/engine/index';
import type { CredentialInUse, CredentialKind } from '../../../src/shared/model/status';

const slot = (what: CredentialKind, source: CredentialInUse['source'], name: string): CredentialSlot => ({
  what,
  inUse: { source, name },
  read: () => Promise.resolve(null),
  write: () => Promise.resolve(),
  readPrevious: () => Promise.resolve(null),
  keepPrevious: () => Promise.resolve(),
  forgetPrevious: () => Promise.resolve(),
});
const at = (endpoint: string, one: CredentialSlot): ConfiguredCredential => ({
  what: one.what,
  endpoint,
  slot: one,
});
const token = slot('token', 'keychain', 'gateway');
const other = slot('token', 'file', '/token');
const certificate = slot('certificate', 'certificate', '/c.crt');
const [a, b] = ['wss://a/', 'wss://b/'];

describe('which credential is meant', () => {
  it('is the only one, also where several endpoints share it', () => {
    expect(chooseAmong([at(a, token), at(b, token)], undefined)).toEqual({ kind: 'chosen', slot: token });
    expect(chooseAmong([at(a, token), at(a, certificate)], ['certificate'])).toMatchObject({
      slot: certificate,
    });
  });

  it.each([
    [
      [at(a, token), at(a, certificate)],
      '--what token (the token "gateway" in the keychain), or --what certificate (the client certificate /c.crt)',
    ],
    [
      [at(a, token), at(b, other)],
      '--what token --endpoint wss://a/ (the token "gateway" in the keychain), or --what token --endpoint wss://b/ (the token /token)',
    ],
  ])('is asked for, with the choices, where there are several', (configured, choices) => {
    expect(chooseAmong(configured, undefined)).toEqual({
      kind: 'refused',
      message: `several credentials are configured; say which one: ${choices}`,
    });
  });

  it('is none where the configuration uses none of that kind, and what it uses is said', () => {
    expect(chooseAmong([at(a, certificate)], ['token', 'client-secret'])).toEqual({
      kind: 'refused',
      message:
        'no token or client secret is in use; configured: the client certificate /c.crt (rotate it with --certificate FILE --key FILE)',
    });
    expect(chooseAmong([], undefined)).toMatchObject({
      message: 'no credential is in use; configured: no credential',
    });
    const notOurs = { what: 'token', endpoint: a, slot: null, why: 'from a variable' } as const;
    expect(chooseAmong([notOurs], ['token'])).toEqual({ kind: 'refused', message: 'from a variable' });
  });
});

describe('the arguments of token', () => {
  const pair = { certificate: 'c', key: 'k' };
  it.each([
    ['rotate', { kind: 'rotate', name: undefined, what: undefined, pair: undefined }],
    ['rotate gateway -c f', { kind: 'rotate', name: 'gateway', configPath: 'f' }],
    ['rotate --what client-secret', { kind: 'rotate', what: 'client-secret' }],
    ['rotate --certificate c --key k', { kind: 'rotate', what: 'certificate', pair }],
    ['set --certificate c --key k', { kind: 'set-certificate', what: 'certificate', pair }],
    ['delete --what certificate', { kind: 'delete-certificate', what: 'certificate' }],
    [
      'rollback --what certificate --endpoint wss://a/',
      { kind: 'rollback', what: 'certificate', endpoint: 'wss://a/' },
    ],
    ['list --json -c f', { kind: 'list', isJson: true, configPath: 'f' }],
    ['set gateway', { kind: 'set', name: 'gateway' }],
    ['delete gateway', { kind: 'delete', name: 'gateway' }],
  ])('%s', (line, expected) => {
    expect(parseTokenArgs(line.split(' '))).toMatchObject(expected);
  });

  it.each([
    'set',
    'delete',
    'rotate --what certificate',
    'rotate --certificate c',
    'rotate --key k',
    'rotate gateway --certificate c --key k',
    'rotate --what token --certificate c --key k',
    'rollback --certificate c --key k',
    'delete --certificate c --key k',
    'delete gateway --what certificate',
    'set gateway --what token',
    'rotate --what password',
    'rotate sk-secret',
    'rotate a b',
    'rotate --token x',
  ])('SEC-05 "%s" is a mistake that repeats nothing secret', (line) => {
    const request = parseTokenArgs(line.split(' '));
    expect(request.kind).toBe('mistake');
    expect(JSON.stringify(request)).not.toContain('sk-secret');
  });
});
