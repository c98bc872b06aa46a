import { describe, expect, it } from 'vitest';

import { judge, problemLines } from './config-text';

const check = (...lines: readonly string[]): readonly string[] =>
  problemLines(
    judge(
      `gateway:\n  url: wss://gateway.example.com/\nlocal:\n  policy:\n${lines.map((line) => `    ${line}\n`).join('')}`,
    ),
  );

describe('local.policy', () => {
  it('is a list of patterns for methods and for tools, allowed and denied', () => {
    expect(check('allow_methods: ["tools/*", ping]', 'deny_tools: [delete_*]')).toEqual([]);
    const loaded = judge('gateway:\n  url: wss://g.example/\n', { MCP_LOCAL_POLICY_DENY_TOOLS: 'a*, b' });
    expect(loaded).toMatchObject({
      kind: 'valid',
      config: { local: { policy: { allow_methods: [], deny_tools: ['a*', 'b'] } } },
    });
  });

  it.each([
    [['deny_methods: [initialize]'], 'error 5 local.policy.deny_methods[0]: cannot be denied'],
    [['deny_methods: [x, Notifications/Cancelled]'], 'error 5 local.policy.deny_methods[1]: cannot be'],
    [['deny_methods: tools/call'], 'error 5 local.policy.deny_methods: must be a list of texts'],
    [['deny_tools: [""]'], 'error 5 local.policy.deny_tools[0]: '],
    [['deny_tool: [x]'], 'error 5 local.policy.deny_tool: '],
    [
      ['allow_tools: [a, b]', 'deny_tools: [b]'],
      'warning 5 local.policy.allow_tools[1]: stands in deny_tools as well, which wins',
    ],
    [
      ['allow_methods: [prompts/get]', 'allow_tools: [a]'],
      'warning 6 local.policy.allow_tools: has no effect',
    ],
  ])('%j gets a clear answer', (lines, expected) => {
    expect(check(...lines).map((line) => line.slice(0, expected.length))).toEqual([expected]);
  });

  it.each([['tools/*'], ['*'], ['tools/call']])('allow_tools beside allow_methods %s is fine', (pattern) => {
    expect(check(`allow_methods: ["${pattern}"]`, 'allow_tools: [a]')).toEqual([]);
  });
});
