import { TextDecoder } from 'node:util';

import fc from 'fast-check';

import { editConfigText } from '../../../src/main/platform/config-text-edit';
import { configKeys, type KeyType } from '../../../src/main/platform/config-keys';
import { decodedConfig, evaluateConfigText, type LoadedConfig } from '../../../src/main/platform/load-config';
import { holds, mutated, rawBytes, same } from '../bytes';
import { fuzzTarget } from '../target';

const yamlWords = [
  ...[
    'gateway:',
    'gateway_pool:',
    'url: ',
    'auth:',
    'token: x',
    'tls: {',
    'local:',
    'metrics:',
    '<<: ',
    '? ',
  ],
  ...[
    '&a ',
    '*a',
    '!!js/function x',
    '!t ',
    '|',
    '>',
    '>-',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '#',
    '---',
    '...',
  ],
  ...[
    '\n',
    '\r\n',
    '\t',
    '  ',
    '    ',
    '\ufeff',
    '\0',
    '\u2028',
    '%YAML 1.1',
    '~',
    '.inf',
    '0x10',
    '1e400',
    'yes',
  ],
  ...[
    '__proto__: ',
    'constructor: ',
    '\\x',
    '${HOME}',
    '$MCP_AUTH_TOKEN',
    ': ',
    ',',
    '[[[[[[[[[[[[[[[[[[',
    '- - - - - ',
  ],
];

function valueOf(type: KeyType): fc.Arbitrary<string> {
  switch (type.kind) {
    case 'boolean':
      return fc.constantFrom('true', 'false', 'no');
    case 'text':
      return fc.constantFrom('/etc/mcp/x', 'NAME', '~/x', 'gateway.example.com', '""', '5');
    case 'number':
      return fc.constantFrom(type.min, type.max, type.min - 1, 1, 1.5, 2048).map(String);
    case 'choice':
      return fc.constantFrom(...type.choices, 'other').map((choice) => JSON.stringify(choice));
    case 'list':
      return fc.array(valueOf(type.of), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`);
    case 'map':
      return fc.constantFrom('{}', '{ site: berlin }', '{ a: b, c: 5 }', '{ 1: x }');
  }
}

/** A configuration with some keys of the schema, in any order and in both styles. */
const settings = fc
  .subarray([...configKeys()], { maxLength: 8 })
  .chain((keys) => fc.tuple(...keys.map((key) => valueOf(key.type).map((value) => ({ key, value })))))
  .map((entries) => {
    const tree = new Map<string, string[]>([['gateway', ['url: wss://gateway.example.com/']]]);
    for (const { key, value } of entries) {
      const [root = '', ...rest] = key.segments;
      if (key.path === 'gateway.url') continue;
      const nested = rest.reduceRight(
        (below, segment) => `${segment}: ${below.includes(':') ? `{${below}}` : below}`,
        value,
      );
      tree.set(root, [...(tree.get(root) ?? []), nested]);
    }
    return [...tree]
      .map(([root, lines]) => `${root}:\n${lines.map((line) => `  ${line}\n`).join('')}`)
      .join('');
  });

const goRouter = `version: 1
gateway_pool:
  endpoints:
    - url: "wss://gateway.example.com:8443"
      auth: {type: bearer, token_env: "MCP_AUTH_TOKEN"}
      tls: {verify: true}
local: {read_buffer_size: 65536}
`;
const anchored = `gateway:
  url: &address wss://gateway.example.com/
  auth: {token_env: &name MCP_AUTH_TOKEN, token: &secret x}
  tls: {server_name: *name, ca_cert_path: *secret}
`;
const texts = fc.oneof(
  {
    weight: 6,
    arbitrary: mutated(
      settings.map((text) => Buffer.from(text)),
      yamlWords,
    ),
  },
  {
    weight: 1,
    arbitrary: mutated(
      fc.constantFrom(goRouter, anchored).map((text) => Buffer.from(text)),
      yamlWords,
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom(...yamlWords), { maxLength: 30 })
      .map((parts) => Buffer.from(parts.join(''))),
  },
  { weight: 1, arbitrary: rawBytes(80) },
);

/** As if it stood in a file of a Linux user. */
const judged = (text: string): LoadedConfig =>
  evaluateConfigText(text, '/home/ann/mcp-router.yaml', {
    place: { platform: 'linux', env: {}, home: '/home/ann' },
    cwd: '/home/ann',
    uid: 1000,
  });

function checkLoaded(loaded: LoadedConfig, text: string): void {
  if (loaded.kind === 'valid') {
    holds(
      loaded.problems.every(({ severity }) => severity === 'warning'),
      'valid with an error',
    );
    return;
  }
  if (loaded.kind !== 'invalid') throw new Error(`the text gave ${loaded.kind}`);
  holds(
    loaded.problems.some(({ severity }) => severity === 'error'),
    'invalid without an error',
  );
  const lines = text.split('\n').length;
  for (const { line, message } of loaded.problems) {
    holds(message !== '', 'a problem without words');
    // What is missing in the whole file, and nothing else, has no line.
    if (line === null) holds(/is missing|nested too deeply/.test(message), `no line: ${message}`);
    else holds(line >= 1 && line <= lines + 1, `line ${String(line)} of ${String(lines)}`);
  }
  const shown = loaded.problems.map(({ path, message }) => path + message).join('');
  holds(
    !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(shown),
    'control characters are shown',
  );
}

export const configTarget = fuzzTarget({
  name: 'yaml',
  parser: 'the configuration file',
  cases: texts,
  check: (bytes) => {
    const decoded = decodedConfig(bytes);
    if (decoded.kind === 'binary') return;
    checkLoaded(judged(decoded.text), decoded.text);
  },
});

export const configEditTarget = fuzzTarget({
  name: 'yaml-edit',
  parser: 'single keys of the configuration file, changed in place',
  cases: fc.record({
    bytes: texts,
    url: fc.constantFrom(
      'wss://other.example/',
      'wss://other.example/?a=b: c#d',
      "it's",
      'yes',
      '',
      ' x ',
      '"',
    ),
    removesToken: fc.boolean(),
  }),
  check: ({ bytes, url, removesToken }) => {
    const text = new TextDecoder('utf-8').decode(bytes);
    const edits = new Map<readonly string[], string | null>([[['gateway', 'url'], url]]);
    if (removesToken) edits.set(['gateway', 'auth', 'token'], null);
    const edit = editConfigText(text, edits);
    if (edit.kind !== 'edited') return;
    const before = judged(text);
    const after = judged(edit.text);
    // In a file of the Go router the address has another place.
    if (before.kind !== 'valid' || before.origins.get('gateway.url')?.path !== 'gateway.url') return;
    const isAddress = url.startsWith('wss:') && !url.includes('#');
    if (after.kind === 'valid' && isAddress) same(after.config.gateway.url, url, 'the new address');
    if (isAddress) same(after.kind, 'valid', 'still valid');
  },
});
