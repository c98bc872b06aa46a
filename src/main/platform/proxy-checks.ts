import { isLoopbackHost, isReadableException } from '../../shared/model/no-proxy';
import { proxyUrlProblem } from '../../shared/model/proxy-choice';
import { problemAt, type LocatedProblem } from './config-problems';
import { nodeAt, type ConfigNode, type MapNode } from './config-tree';
import { referenceProblem } from './inline-secrets';

type Report = (severity: LocatedProblem['severity'], node: ConfigNode, message: string) => void;
type Lookup = (key: string) => ConfigNode | undefined;

/** What types cannot say about `gateway.proxy`. */
export function checkProxy(tree: MapNode): readonly LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const report: Report = (severity, node, message) => {
    problems.push(problemAt(severity, node.origin, message));
  };
  const at: Lookup = (key) => nodeAt(tree, ['gateway', 'proxy', key]);
  checkUrl(at, report, valueOf(nodeAt(tree, ['gateway', 'allow_insecure'])) === true);
  checkLogin(at, report);
  checkExceptions(at, report);
  return problems;
}

function checkUrl(at: Lookup, report: Report, isInsecureAllowed: boolean): void {
  const node = at('url');
  const address = valueOf(node);
  if (node === undefined || typeof address !== 'string' || address.trim() === '') return;
  const problem = proxyUrlProblem(address);
  if (problem !== null) {
    report('error', node, problem);
    return;
  }
  if (valueOf(at('enabled')) === false) {
    report('warning', node, 'is not used, because gateway.proxy.enabled is false');
    return;
  }
  const { protocol, hostname } = new URL(address.trim());
  const sendsLogin = at('username') !== undefined;
  if (sendsLogin && protocol === 'http:' && !isInsecureAllowed && !isLoopbackHost(hostname)) {
    report('warning', node, PLAIN_LOGIN);
  }
  const roots = at('ca_cert_path');
  if (roots !== undefined && protocol === 'http:') {
    report('warning', roots, 'is not used, because the proxy is not reached over TLS (https://)');
  }
}

/** Also said of a variable. */
export const PLAIN_LOGIN =
  'user name and password of the proxy travel unencrypted to it: everybody on the way there can read them; use https:// if the proxy offers it';

const PASSWORDS = ['password_secure_key', 'password_env', 'password_file'] as const;

function checkLogin(at: Lookup, report: Report): void {
  const username = at('username');
  const named = PASSWORDS.flatMap((key) => at(key) ?? []);
  const hasUrl = at('url') !== undefined;
  for (const node of [...(username === undefined ? [] : [username]), ...named]) {
    // A variable could otherwise name another proxy to send the password to.
    if (!hasUrl) report('error', node, 'needs gateway.proxy.url beside it');
  }
  const name = valueOf(username);
  if (username !== undefined && typeof name === 'string' && /[:\p{Cc}]/u.test(name)) {
    report('error', username, 'must not hold a colon or control characters');
  }
  for (const node of named) {
    const value = valueOf(node);
    const problem = typeof value === 'string' ? referenceProblem(node.origin.path, value.trim()) : null;
    if (problem !== null) report('error', node, problem);
  }
  const [first, ...others] = named;
  if (first === undefined) return;
  if (username === undefined && hasUrl) report('error', first, 'needs gateway.proxy.username beside it');
  for (const other of others) report('warning', other, 'is not used, because another password_ key is set');
}

function checkExceptions(at: Lookup, report: Report): void {
  const node = at('no_proxy');
  if (node?.kind !== 'list') return;
  for (const item of node.items) {
    const entry = valueOf(item);
    if (typeof entry === 'string' && !isReadableException(entry)) {
      report('error', item, 'is no host, address, network (10.0.0.0/8) or "*"');
    }
  }
}

const valueOf = (node: ConfigNode | undefined): unknown => (node?.kind === 'scalar' ? node.value : undefined);
