import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { globMatcher } from '../../../src/main/engine/guard/glob';
import { MethodPolicy, type PolicyRefusal } from '../../../src/main/engine/guard/method-policy';
import { scanMessage, type ScanResult } from '../../../src/main/engine/jsonrpc/scan';
import { handshakeMethods } from '../../../src/shared/model/handshake-methods';
import { testConfig } from '../../support/engine-client';

vi.setConfig({ testTimeout: 30_000 });

const policyOf = (policy: object): MethodPolicy =>
  new MethodPolicy(testConfig('ws://127.0.0.1:1/', { local: { policy } }).local.policy);

/** What the policy says of a line; a line that is refused before is told by its kind. */
function judge(policy: object, line: string): PolicyRefusal | undefined | ScanResult['kind'] {
  const scanned = scanMessage(Buffer.from(line));
  if (scanned.kind !== 'message' || scanned.message.kind === 'response') return scanned.kind;
  return policyOf(policy).denial(scanned.message);
}

const request = (method: string, params = '{}'): string =>
  `{"jsonrpc":"2.0","id":1,"method":${JSON.stringify(method)},"params":${params}}`;
const call = (params: string): string => request('tools/call', params);
const tool = (name: string): string => call(`{"name":${JSON.stringify(name)},"arguments":{"name":"safe"}}`);

describe('methods', () => {
  it.each([
    [{}, 'tools/list', undefined],
    [{ deny_methods: ['resources/*'] }, 'resources/read', 'local.policy.deny_methods'],
    [{ deny_methods: ['resources/*'] }, 'Resources/Read', 'local.policy.deny_methods'],
    [{ deny_methods: ['resources/*'] }, 'tools/list', undefined],
    [{ allow_methods: ['tools/*'] }, 'tools/list', undefined],
    [{ allow_methods: ['tools/*'] }, 'Tools/list', 'local.policy.allow_methods'],
    [{ allow_methods: ['tools/*'] }, 'prompts/list', 'local.policy.allow_methods'],
    [{ allow_methods: ['*'], deny_methods: ['prompts/get'] }, 'prompts/get', 'local.policy.deny_methods'],
  ] as const)('%j and %s', (policy, method, rule) => {
    const verdict = judge(policy, request(method));
    expect(typeof verdict === 'object' ? verdict.limit : verdict).toBe(rule);
  });

  it.each([...handshakeMethods])('%s passes whatever the lists say', (method) => {
    expect(judge({ allow_methods: ['x'], deny_methods: ['*'] }, request(method))).toBeUndefined();
  });

  it('notifications are judged as requests are', () => {
    const line = '{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}';
    expect(judge({ deny_methods: ['*roots*'] }, line)).toMatchObject({ limit: 'local.policy.deny_methods' });
  });
});

describe('tools', () => {
  it('are allowed as written, and denied however they are written', () => {
    const policy = { allow_tools: ['read_*', 'delete_*'], deny_tools: ['delete_*'] };
    expect(judge(policy, tool('read_file'))).toBeUndefined();
    for (const name of ['delete_all', 'DELETE_ALL', 'ｄelete_all', 'delete_\ud800'])
      expect(judge(policy, tool(name))).toMatchObject({ limit: 'local.policy.deny_tools' });
    for (const name of ['READ_file', 'write_file', '', 'xread_file'])
      expect(judge(policy, tool(name))).toMatchObject({ limit: 'local.policy.allow_tools' });
  });

  it('matter for calls of tools only', () => {
    expect(judge({ deny_tools: ['*'] }, request('prompts/get', '{"name":"delete_all"}'))).toBeUndefined();
  });

  it('the refusal names the rule, and nothing that the client wrote', () => {
    const denial = judge({ deny_tools: ['read_*', 'Delete_*'] }, tool('delete_secret'));
    expect(denial).toMatchObject({
      code: 'policy-denied',
      detail: 'local.policy.deny_tools: "Delete_*"',
    });
    expect(JSON.stringify(denial)).not.toContain('secret');
  });
});

describe('SEC-69 a rule cannot be dodged by', () => {
  const deny = { deny_tools: ['delete'] };
  const denied = { code: 'policy-denied' };

  it.each([
    ['an escape in the tool', call('{"name":"d\\u0065lete"}')],
    ['an escape in the key', call('{"n\\u0061me":"delete"}')],
    ['two names, the denied one last', call('{"name":"read","name":"delete"}')],
    ['two names, the denied one first', call('{"name":"delete","name":"read"}')],
    ['two spellings of the key', call('{"name":"read","Name":"delete"}')],
    ['another case of the key', call('{"NAME":"delete"}')],
    ['an escaped second key', call('{"name":"read","\\u006eame":"delete"}')],
    ['no name', call('{}')],
    ['a name that is no text', call('{"name":["delete"]}')],
    ['params as a list', call('["delete"]')],
    ['params that are a text', call('"delete"')],
    ['no params', '{"jsonrpc":"2.0","id":1,"method":"tools/call"}'],
    ['an escape in the method', call('{"name":"delete"}').replace('tools/call', 'tools\\/c\\u0061ll')],
    ['another case of the method', call('{"name":"delete"}').replace('tools/call', 'Tools/Call')],
    ['a namespace before the method', call('{"name":"delete"}').replace('tools/call', 'ns.tools/call')],
    ['a notification', '{"jsonrpc":"2.0","method":"tools/call","params":{"name":"delete"}}'],
  ])('%s', (_name, line) => {
    expect(judge(deny, line)).toMatchObject(denied);
  });

  it.each([
    ['two methods', '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}', 'invalid-request'],
    ['a method in another case', '{"jsonrpc":"2.0","id":1,"method":"ping","Method":"x"}', 'invalid-request'],
    ['two params', request('tools/call').replace('}}', '},"Params":{"name":"delete"}}'), 'invalid-request'],
    ['params with a long s', call('{}').replace('"params"', '"paramſ"'), 'invalid-request'],
    ['a batch', `[${call('{"name":"delete"}')}]`, 'batch'],
    ['bytes that are no JSON', '\u0000', 'parse-failed'],
  ])('%s', (_name, line, kind) => {
    expect(judge(deny, line)).toBe(kind);
  });

  it('an allow list lets nothing through whose name is unclear either', () => {
    for (const params of ['{}', '["read"]', '{"name":"read","name":"delete"}', '{"Name":"read"}'])
      expect(judge({ allow_tools: ['read'] }, call(params))).toMatchObject(denied);
    expect(judge({ allow_tools: ['read'] }, call('{"n\\u0061me":"r\\u0065ad"}'))).toBeUndefined();
  });

  it('any spelling of its name', () => {
    const escaped = fc
      .array(fc.nat({ max: 2 }), { minLength: 6, maxLength: 6 })
      .map((ways) => Array.from('delete', (letter, index) => spelled(letter, ways[index] ?? 0)).join(''));
    fc.assert(
      fc.property(escaped, (name) => {
        expect(judge(deny, call(`{"name":"${name}"}`))).toMatchObject(denied);
      }),
    );
  });
});

function spelled(letter: string, way: number): string {
  if (way === 0) return letter;
  if (way === 1) return letter.toUpperCase();
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

describe('globMatcher', () => {
  it.each([
    ['a', 'a', true],
    ['a', 'ab', false],
    ['a*', 'a', true],
    ['*a', 'ba', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'a--b--c', true],
    ['a*b*c', 'ac', false],
    ['a*bc', 'abc', true],
    ['ab*b', 'ab', false],
    ['*', '', true],
    ['**', 'x', true],
    ['a.c', 'abc', false],
    ['*[x', '[x', true],
  ])('%s on %s', (pattern, text, expected) => {
    expect(globMatcher(pattern)(text)).toBe(expected);
  });

  it('says what a regular expression says', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 10 });
    fc.assert(
      fc.property(text, text, (pattern, candidate) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 's');
        expect(globMatcher(pattern)(candidate)).toBe(expression.test(candidate));
      }),
      { numRuns: 1000 },
    );
  });
});
