import type { Lookup, Report } from './config-checks';
import type { ScalarNode } from './config-tree';

/** The address as it stands in the file, and how to look further and say what is wrong. */
export interface AddressReview {
  readonly node: ScalarNode;
  readonly at: Lookup;
  readonly report: Report;
}

/** True for the binary protocol on a bare socket. */
export const isTcp = (url: URL): boolean => /^tcp(s|\+tls)?:$/.test(url.protocol);

const isHttp = (url: URL): boolean => /^https?:$/.test(url.protocol);

/** The transports that an address can be reached with; the first is the one that `auto` takes. */
const TCP = ['tcp'] as const;
const HTTP = ['streamable-http', 'gateway-http'] as const;
const WEBSOCKET = ['websocket'] as const;

/** Whether address, `gateway.transport` and the keys of the transport fit together. */
export function checkTransport(url: URL, review: AddressReview): void {
  const { at, report } = review;
  const transport = at('gateway.transport');
  const [implied, ...others] = isTcp(url) ? TCP : isHttp(url) ? HTTP : WEBSOCKET;
  const named = transport?.value ?? 'auto';
  const isKnown = [TCP, HTTP, WEBSOCKET].some((family) => family.some((name) => name === named));
  if (transport !== undefined && isKnown && named !== implied && !others.some((name) => name === named)) {
    report('error', transport, `does not fit gateway.url (${url.protocol}// is ${implied}); remove it`);
  } else if (implied === 'tcp') {
    checkTcpAddress(url, review);
    checkTcp(at, report);
  } else {
    checkUnused(at, report, WITHOUT_TCP);
    if (isHttp(url)) checkUnused(at, report, WITHOUT_POOL);
    if (implied === 'streamable-http' && named !== 'gateway-http') checkUnused(at, report, WITHOUT_ENVELOPE);
  }
}

function checkTcpAddress(url: URL, { node, report }: AddressReview): void {
  if (url.hostname === '')
    report('error', node, 'has no host; write it like tcps://gateway.example.com:8444');
  else if (url.pathname !== '' && url.pathname !== '/') {
    report('error', node, 'must not have a path; the TCP protocol has none');
  }
  if (url.search !== '') report('error', node, 'must not have a query (?...); the TCP protocol has none');
}

/** gateway-protocol 2.1, 2.2: no frame holds more. */
const MAX_FRAME_BYTES = 10_485_760;

function checkTcp(at: Lookup, report: Report): void {
  const isGoRouter = at('gateway.tcp.dialect')?.value === 'go-router';
  const tokenIn = at('gateway.tcp.token_in');
  if (isGoRouter && tokenIn?.value === 'initialize') {
    report('error', tokenIn, 'must be "wrapper" or "none": dialect go-router has no sign-in');
  }
  if (tokenIn?.value === 'none' && (at('gateway.auth.type')?.value ?? 'bearer') === 'bearer') {
    report('warning', tokenIn, 'the token is read but never sent; set gateway.auth.type: none as well');
  }
  const limit = at('gateway.max_message_bytes');
  if (typeof limit?.value === 'number' && limit.value > MAX_FRAME_BYTES) {
    report('error', limit, `must be at most ${MAX_FRAME_BYTES} on TCP, whose frames hold no more`);
  }
  checkUnused(at, report, isGoRouter ? ON_TCP : [...ON_TCP, ...WITHOUT_NAMESPACE]);
}

type UnusedKey = readonly [path: string, reason: string];

const WITHOUT_TCP: readonly UnusedKey[] = ['dialect', 'negotiate', 'token_in', 'notifications'].map(
  (key): UnusedKey => [`gateway.tcp.${key}`, 'gateway.url is not a tcp:// or tcps:// address'],
);
const ON_TCP: readonly UnusedKey[] = [
  ['gateway.auth.per_message_auth', 'on TCP gateway.tcp.token_in says where the token travels'],
];
const WITHOUT_POOL = ['max_connections', 'idle_timeout_ms'].map((key): UnusedKey => [
  `gateway.connection.pool.${key}`,
  'over HTTP each message is an exchange of its own anyway',
]);
const WITHOUT_ENVELOPE: readonly UnusedKey[] = [
  ['gateway.default_namespace', 'an MCP server has no namespaces'],
  ['gateway.auth.per_message_auth', 'over Streamable HTTP the token is in the header of each request'],
];
const WITHOUT_NAMESPACE: readonly UnusedKey[] = [
  ['gateway.default_namespace', 'messages of gateway.tcp.dialect "gateway" name no namespace'],
];

function checkUnused(at: Lookup, report: Report, keys: readonly UnusedKey[]): void {
  for (const [path, reason] of keys) {
    const node = at(path);
    if (node !== undefined) report('warning', node, `is not used: ${reason}`);
  }
}
