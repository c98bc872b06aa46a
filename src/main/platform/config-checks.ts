import { problemAt, type LocatedProblem } from './config-problems';
import { nodeAt, type MapNode, type ScalarNode } from './config-tree';
import { endpointViews } from './endpoint-views';
import { isSecretName, referenceProblem } from './inline-secrets';
import { pathRules } from './paths';
import { checkHttpDoor } from './http-door-checks';
import { checkMetrics } from './metrics-checks';
import { checkPolicy } from './policy-checks';
import { checkTransport } from './transport-checks';
import { checkProxy } from './proxy-checks';
import { checkSecurity } from './tls-checks';
import { withoutRepeats } from './value-problems';

/** Reports a problem with a value. */
export type Report = (severity: LocatedProblem['severity'], node: ScalarNode, message: string) => void;
/** The value at a path written with dots, when it is a scalar. */
export type Lookup = (path: string) => ScalarNode | undefined;

/** What types cannot say: addresses, names and combinations. Runs on a tree whose values may still be wrong. */
export function crossCheck(tree: MapNode, platform: NodeJS.Platform): readonly LocatedProblem[] {
  const views = endpointViews(tree);
  return withoutRepeats([
    ...views.flatMap((view) => checkEndpoint(view, platform)),
    ...repeatedAddresses(views),
  ]);
}

/** Two entries with one address would be taken for two ways. */
function repeatedAddresses(views: readonly MapNode[]): readonly LocatedProblem[] {
  const seen = new Set<unknown>();
  return views.flatMap((view) => {
    const node = nodeAt(view, ['gateway', 'url']);
    if (node?.kind !== 'scalar' || !seen.has(node.value)) {
      seen.add(node?.kind === 'scalar' ? node.value : undefined);
      return [];
    }
    return [problemAt('error', node.origin, 'is there twice; give one of them more weight instead')];
  });
}

function checkEndpoint(tree: MapNode, platform: NodeJS.Platform): readonly LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const report: Report = (severity, node, message) => {
    problems.push(problemAt(severity, node.origin, message));
  };
  const at: Lookup = (path) => {
    const node = nodeAt(tree, path.split('.'));
    return node?.kind === 'scalar' ? node : undefined;
  };
  checkUrl(at, report);
  checkTls(at, report);
  checkCredential(at, report);
  checkPaths(at, report, platform);
  checkReconnect(at, report);
  return [
    ...problems,
    ...checkSecurity(tree),
    ...checkProxy(tree),
    ...checkPolicy(tree),
    ...checkMetrics(tree),
    ...checkHttpDoor(tree),
  ];
}

const SCHEMES: ReadonlySet<string> = new Set(['wss:', 'ws:', 'https:', 'http:', 'tcps:', 'tcp:', 'tcp+tls:']);
const PLAIN_SCHEMES: ReadonlySet<string> = new Set(['ws:', 'http:', 'tcp:']);

function checkUrl(at: Lookup, report: Report): void {
  const node = at('gateway.url');
  if (node === undefined || typeof node.value !== 'string' || node.value.trim() === '') return;
  const url = parsedUrl(node.value.trim());
  if (url === null) {
    report('error', node, 'is not an address; write it like wss://gateway.example.com:8443/');
    return;
  }
  if (!SCHEMES.has(url.protocol)) {
    report(
      'error',
      node,
      'must start with wss://, https:// or tcps:// (or ws://, http://, tcp:// for a gateway on this machine)',
    );
    return;
  }
  if (url.username !== '' || url.password !== '') {
    report(
      'error',
      node,
      'must not hold a user name or password; store the token with: mcp-router token set gateway',
    );
  }
  if ([...url.searchParams.keys()].some(isSecretName)) {
    report('error', node, 'must not hold a token; store it with: mcp-router token set gateway');
  }
  if (node.value.includes('#')) report('error', node, 'must not have a fragment (#...)');
  if (PLAIN_SCHEMES.has(url.protocol) && !isLoopback(url.hostname)) checkPlainUrl(node, url, at, report);
  checkTransport(url, { node, at, report });
}

function checkPlainUrl(node: ScalarNode, url: URL, at: Lookup, report: Report): void {
  const isAllowed = at('gateway.allow_insecure')?.value === true;
  if (isAllowed) {
    report(
      'warning',
      node,
      'the connection is not encrypted: everybody on the way can read the token and change messages',
    );
  } else {
    report(
      'error',
      node,
      `${url.protocol}// to another machine would send the token unencrypted, so it is refused; use ${url.protocol.replace(':', 's:')}//, or set gateway.allow_insecure: true if the way there is protected otherwise`,
    );
  }
}

function checkTls(at: Lookup, report: Report): void {
  const verify = at('gateway.tls.verify');
  if (verify?.value === false) {
    report(
      'warning',
      verify,
      'certificates are not verified: anybody on the way can pose as the gateway; use ca_cert_path for a private authority',
    );
  }
  const name = at('gateway.tls.server_name');
  if (
    typeof name?.value === 'string' &&
    name.value !== '' &&
    !/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(name.value.trim())
  ) {
    report('error', name, 'must be a host name such as gateway.example.com, without scheme, port or path');
  }
}

const TOKEN_SOURCES = ['token_secure_key', 'token_env', 'token_file'] as const;

function checkCredential(at: Lookup, report: Report): void {
  const named = TOKEN_SOURCES.flatMap((key) => at(`gateway.auth.${key}`) ?? []);
  for (const node of named) checkReference(node, report);
  const [first, ...others] = named;
  if (first === undefined) return;
  const type = at('gateway.auth.type')?.value;
  if (type === 'none' || type === 'mtls' || type === 'oauth2') {
    report('warning', first, `is not used, because gateway.auth.type is "${type}"`);
  } else {
    for (const other of others) {
      report('warning', other, `is used only when ${first.origin.path} gives no token`);
    }
  }
}

function checkReference(node: ScalarNode, report: Report): void {
  if (typeof node.value !== 'string') return;
  const problem = referenceProblem(node.origin.path, node.value.trim());
  if (problem !== null) report('error', node, problem);
}

const FILE_KEYS = [
  'gateway.auth.token_file',
  'gateway.auth.client_cert',
  'gateway.auth.client_key',
  'gateway.auth.client_pkcs12',
  'gateway.auth.passphrase_file',
  'gateway.tls.ca_cert_path',
  'gateway.proxy.password_file',
  'gateway.proxy.ca_cert_path',
  'local.socket.path',
  'metrics.token_file',
] as const;

function checkPaths(at: Lookup, report: Report, platform: NodeJS.Platform): void {
  const { isAbsolute } = pathRules(platform);
  const isFull = (path: string): boolean => isAbsolute(path) || /^~[/\\]/.test(path);
  for (const path of FILE_KEYS) {
    const node = at(path);
    if (typeof node?.value === 'string' && node.value.trim() !== '' && !isFull(node.value.trim())) {
      report(
        'error',
        node,
        'must be a full path, or start with ~/ (clients start this program in folders of their own)',
      );
    }
  }
  const output = at('logging.output');
  if (typeof output?.value !== 'string' || output.value.trim() === '') return;
  const target = output.value.trim();
  if (target === 'stdout' || target === '/dev/stdout' || target === '-') {
    report('error', output, 'must not be stdout, which belongs to the protocol; use stderr or a file');
  } else if (target !== 'stderr' && !isFull(target)) {
    report('error', output, 'must be stderr or the full path of a file');
  }
}

function checkReconnect(at: Lookup, report: Report): void {
  const initial = at('gateway.connection.reconnect.initial_delay_ms');
  const max = at('gateway.connection.reconnect.max_delay_ms');
  if (typeof initial?.value === 'number' && typeof max?.value === 'number' && max.value < initial.value) {
    report('error', max, 'must not be less than initial_delay_ms');
  }
}

/** True for names and addresses that never leave this machine. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(host)
  );
}

function parsedUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
