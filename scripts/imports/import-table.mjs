// @ts-check
// Who may import whom. THE table: the lint rule, the test that walks the sources and the test of the bundles all read it.
// A new dependency gets its row in `packages`.

/**
 * @typedef {'any' | 'type'} Access value imports as well, or `import type` alone
 *
 * @typedef {object} Room
 * @property {string} name
 * @property {readonly string[]} holds folders (ending in `/`) and files (without extension), from the root of the checkout
 * @property {Readonly<Record<string, Access>>} rooms what of our own it may import, besides itself
 * @property {'none' | 'any' | readonly string[]} node modules of Node: none, any, or any but these
 * @property {'none' | Access} electron
 * @property {string} advice what to do instead, shown with each refusal
 *
 * @typedef {object} Package
 * @property {string} name
 * @property {readonly string[]} importers the folders and files that may import it
 * @property {string} replaces why it is here
 */

const engineLow = /** @type {const} */ ({ shared: 'any', config: 'type', ports: 'any' });
const engineNode = ['node:fs', 'node:fs/promises', 'node:process', 'node:child_process'];
const engineAdvice =
  'The engine is pure: it reaches files, keychain, clock and environment through the ports in engine/ports.ts, and takes them as arguments.';

/** @type {readonly Room[]} The first room that holds a file is its room. */
export const rooms = [
  {
    name: 'config',
    holds: [
      'src/shared/model/audit-config',
      'src/shared/model/config',
      'src/shared/model/detection-settings',
      'src/shared/model/endpoint-defaults',
      'src/shared/model/gateway-settings',
      'src/shared/model/setting-values',
    ],
    rooms: {},
    node: 'none',
    electron: 'none',
    advice: 'The schema of the configuration stands alone, so that every process can take its types.',
  },
  {
    name: 'shared',
    holds: ['src/shared/'],
    rooms: { config: 'any' },
    node: 'none',
    electron: 'none',
    advice: 'Shared nouns run in every process: move what needs Node, Electron or React to main or renderer.',
  },
  {
    name: 'ports',
    holds: ['src/main/engine/ports'],
    rooms: { shared: 'any', config: 'type' },
    node: 'none',
    electron: 'none',
    advice: 'A port says what the engine needs; how it is done belongs to src/main/platform.',
  },
  {
    name: 'engine/jsonrpc',
    holds: ['src/main/engine/jsonrpc/'],
    rooms: engineLow,
    node: engineNode,
    electron: 'none',
    advice: `${engineAdvice} Inside it jsonrpc is at the bottom: pass in what it needs from above.`,
  },
  {
    name: 'engine/auth',
    holds: ['src/main/engine/auth/'],
    rooms: engineLow,
    node: engineNode,
    electron: 'none',
    advice: `${engineAdvice} Inside it auth is at the bottom: pass in what it needs from above.`,
  },
  {
    name: 'engine/guard',
    holds: ['src/main/engine/guard/'],
    rooms: { ...engineLow, 'engine/jsonrpc': 'any', 'engine/auth': 'any' },
    node: engineNode,
    electron: 'none',
    advice: `${engineAdvice} A guard answers yes or no; the router acts on it.`,
  },
  {
    name: 'engine/gateway',
    holds: ['src/main/engine/gateway/'],
    rooms: { ...engineLow, 'engine/jsonrpc': 'any', 'engine/auth': 'any' },
    node: engineNode,
    electron: 'none',
    advice: `${engineAdvice} The gateway side knows neither router nor listeners: it calls back through functions it is given.`,
  },
  {
    name: 'engine/observe',
    holds: ['src/main/engine/observe/'],
    rooms: { ...engineLow, 'engine/jsonrpc': 'any' },
    node: engineNode,
    electron: 'none',
    advice: `${engineAdvice} Observers read events from the bus; they never call what they observe.`,
  },
  {
    name: 'engine/router',
    holds: ['src/main/engine/router/'],
    rooms: {
      ...engineLow,
      'engine/jsonrpc': 'any',
      'engine/auth': 'any',
      'engine/guard': 'any',
      'engine/gateway': 'any',
      'engine/observe': 'any',
    },
    node: engineNode,
    electron: 'none',
    advice: `${engineAdvice} Listeners call the router, never the other way round.`,
  },
  {
    name: 'engine/listeners',
    holds: ['src/main/engine/listeners/'],
    rooms: {
      ...engineLow,
      'engine/jsonrpc': 'any',
      'engine/guard': 'any',
      'engine/router': 'type',
      'engine/observe': 'any',
    },
    node: engineNode,
    electron: 'none',
    advice: `${engineAdvice} A listener knows the router as a type and the gateway not at all.`,
  },
  {
    name: 'engine',
    holds: ['src/main/engine/'],
    rooms: {
      ...engineLow,
      'engine/jsonrpc': 'any',
      'engine/auth': 'any',
      'engine/guard': 'any',
      'engine/gateway': 'any',
      'engine/observe': 'any',
      'engine/router': 'any',
      'engine/listeners': 'any',
    },
    node: engineNode,
    electron: 'none',
    advice: engineAdvice,
  },
  {
    name: 'process facts',
    holds: ['src/main/platform/process-facts', 'src/main/platform/environment'],
    rooms: { ports: 'type' },
    node: 'any',
    electron: 'none',
    advice: 'What the process knows about itself is read before anything else is loaded.',
  },
  {
    name: 'platform',
    holds: ['src/main/platform/'],
    rooms: { shared: 'any', config: 'any', ports: 'type', 'process facts': 'any' },
    node: 'any',
    electron: 'none',
    advice:
      'Platform touches the machine and implements engine/ports.ts: import types from there and values from src/shared; compose.ts joins the two.',
  },
  {
    name: 'payloads',
    holds: ['src/main/ipc/payloads/'],
    rooms: { shared: 'any', config: 'any' },
    node: 'none',
    electron: 'none',
    advice: 'Payload schemas know the IPC contract and zod, nothing else.',
  },
  {
    name: 'cli',
    holds: ['src/main/cli/'],
    rooms: { shared: 'any', config: 'type', compose: 'any', attach: 'any', 'process facts': 'any' },
    node: 'any',
    electron: 'none',
    advice: 'The command line runs without Electron and gets everything concrete from src/main/compose.ts.',
  },
  {
    name: 'attach',
    holds: ['src/main/attach/'],
    rooms: {
      shared: 'any',
      config: 'type',
      ports: 'type',
      'engine/jsonrpc': 'any',
      'engine/router': 'any',
      platform: 'any',
      'process facts': 'any',
    },
    node: 'any',
    electron: 'none',
    advice: 'Attaching must start fast: it takes single parts of engine and platform, never compose.ts.',
  },
  {
    name: 'compose',
    holds: ['src/main/compose', 'src/main/compose/'],
    rooms: {
      shared: 'any',
      config: 'any',
      ports: 'type',
      engine: 'any',
      platform: 'any',
      'process facts': 'any',
      shell: 'type',
    },
    node: 'any',
    electron: 'none',
    advice:
      'compose.ts names concrete adapters for the app and the command line alike, so it runs on plain Node.',
  },
  {
    name: 'main door',
    holds: ['src/main/index'],
    rooms: {
      shared: 'any',
      config: 'type',
      engine: 'type',
      compose: 'any',
      cli: 'any',
      shell: 'any',
      payloads: 'any',
    },
    node: 'any',
    electron: 'any',
    advice:
      'src/main/index.ts joins Electron, the shell and compose.ts; deeper things come through compose.ts.',
  },
  {
    name: 'shell',
    holds: ['src/main/'],
    rooms: { shared: 'any', config: 'type', engine: 'type', compose: 'any', payloads: 'any' },
    node: 'any',
    electron: 'type',
    advice:
      'The shell decides nothing about traffic: it takes Electron from src/main/index.ts as an argument, and the engine from src/main/compose.ts.',
  },
  {
    name: 'preload',
    holds: ['src/preload/'],
    rooms: { shared: 'any', config: 'type' },
    node: 'none',
    electron: 'any',
    advice: 'The preload runs in a sandbox: Electron and the IPC contract are all it has.',
  },
  {
    name: 'renderer',
    holds: ['src/renderer/'],
    rooms: { shared: 'any', config: 'type' },
    node: 'none',
    electron: 'none',
    advice:
      'The page is treated as hostile: it asks the main process through bridge.ts and the IPC contract.',
  },
];

/** @type {readonly Package[]} */
export const packages = [
  {
    name: 'ws',
    importers: ['src/main/engine/gateway/transports/websocket'],
    replaces: 'the WebSocket protocol; no dependencies',
  },
  {
    name: 'oauth4webapi',
    importers: ['src/main/engine/auth/oauth-token', 'src/main/engine/auth/oauth-sign-in'],
    replaces: 'requests and answers of OAuth 2; no dependencies',
  },
  {
    name: 'prom-client',
    importers: ['src/main/engine/observe/metrics'],
    replaces:
      'counting and the text format of Prometheus; two dependencies, without any of their own but one',
  },
  {
    name: 'eventsource-parser',
    importers: ['src/main/engine/gateway/transports/sse-stream'],
    replaces: 'the parser of event streams; no dependencies',
  },
  {
    name: 'zod',
    importers: [
      'src/shared/model/audit-config',
      'src/shared/model/config',
      'src/shared/model/detection-settings',
      'src/shared/model/gateway-settings',
      'src/shared/model/setting-values',
      'src/main/ipc/payloads/',
    ],
    replaces: 'hand-written checks of configuration and IPC payloads; no dependencies',
  },
  {
    name: 'validator',
    importers: ['src/main/platform/personal-data'],
    replaces: 'check digits of cards, accounts and identity numbers; no dependencies',
  },
  {
    name: 'yaml',
    importers: [
      'src/main/platform/config-comments',
      'src/main/platform/config-file',
      'src/main/platform/config-splice',
      'src/main/platform/config-text-edit',
    ],
    replaces: 'a YAML parser that keeps line numbers; no dependencies',
  },
  {
    name: 'jsonc-parser',
    importers: ['src/main/platform/client-apps/json-syntax'],
    replaces: 'a parser of JSON with comments that tells places; no dependencies',
  },
  {
    name: 'smol-toml',
    importers: ['src/main/platform/client-apps/toml-document'],
    replaces: 'a TOML parser, the check of every edit of such a file; no dependencies',
  },
  {
    name: 'fastest-levenshtein',
    importers: ['src/main/platform/key-suggestion'],
    replaces: 'the edit distance behind "did you mean"; no dependencies',
  },
  {
    name: 'electron-log',
    importers: ['src/main/platform/log'],
    replaces: 'log files with rotation; no dependencies',
  },
  {
    name: 'keytar',
    importers: ['src/main/platform/keychain'],
    replaces: "the operating systems' keychains; one dependency, for its compiler headers",
  },
  { name: 'react', importers: ['src/renderer/'], replaces: 'drawing the window' },
  { name: 'react-dom', importers: ['src/renderer/'], replaces: 'drawing the window' },
  { name: '@mantine/core', importers: ['src/renderer/'], replaces: 'accessible components' },
  { name: '@mantine/hooks', importers: ['src/renderer/'], replaces: 'a peer of @mantine/core' },
  { name: '@tabler/icons-react', importers: ['src/renderer/'], replaces: 'icons' },
];

/** What the built bundles may still import when they run; everything else is inside them. */
export const bundleExternals = /** @type {const} */ ({
  main: ['electron', 'keytar'],
  preload: ['electron'],
  cli: ['keytar'],
  renderer: [],
});
