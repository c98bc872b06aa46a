import { problemAt, type LocatedProblem } from './config-problems';
import { nodeAt, type ConfigNode, type MapNode } from './config-tree';
import { looksLikeSecret, referenceProblem } from './inline-secrets';

type Report = (severity: LocatedProblem['severity'], node: ConfigNode, message: string) => void;
type Lookup = (path: string) => ConfigNode | undefined;

/** What types cannot say about suites, pins, the client certificate, FIPS and the token command. */
export function checkSecurity(tree: MapNode): readonly LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const report: Report = (severity, node, message) => {
    problems.push(problemAt(severity, node.origin, message));
  };
  const at: Lookup = (path) => nodeAt(tree, path.split('.'));
  checkSuites(at, report);
  checkPins(at, report);
  checkClientCertificate(at, report);
  checkPassphrase(at, report);
  checkCommand(at, report);
  return problems;
}

const TLS13_SUITES = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];

function checkSuites(at: Lookup, report: Report): void {
  const fips = at('advanced.compliance.fips_mode');
  const isFips = fips !== undefined && valueOf(fips) === true;
  if (isFips) {
    report(
      'warning',
      fips,
      'nothing connects unless this program runs with its cryptography in FIPS mode (node --force-fips); the desktop app cannot',
    );
  }
  const node = at('gateway.tls.cipher_suites');
  if (node?.kind !== 'list' || node.items.length === 0) return;
  const names = node.items.map(valueOf).filter((name) => typeof name === 'string');
  // A wrong name is said by the check of values.
  if (!names.every((name) => name.startsWith('TLS_'))) return;
  const isOld = valueOf(at('gateway.tls.min_version')) === '1.2';
  const usable = names.filter(
    (name) => (isOld || TLS13_SUITES.includes(name)) && (!isFips || name.includes('_AES_')),
  );
  if (usable.length === 0) {
    const why = isFips ? 'fips_mode allows AES-GCM only' : 'min_version "1.3" needs a TLS 1.3 suite';
    report('error', node, `leaves nothing to connect with: ${why}`);
    return;
  }
  if (isOld && names.every((name) => TLS13_SUITES.includes(name))) {
    report('warning', node, 'names no suite of TLS 1.2, so min_version "1.2" has no effect');
  }
  const chosen = TLS13_SUITES.filter((name) => usable.includes(name));
  if (chosen.length > 0 && chosen.length < TLS13_SUITES.length) {
    report(
      'warning',
      node,
      'the desktop app cannot choose among the suites of TLS 1.3: it refuses the connection when the gateway picks another one',
    );
  }
}

function checkPins(at: Lookup, report: Report): void {
  const node = at('gateway.tls.pins');
  if (node?.kind !== 'list') return;
  if (new Set(node.items.map(valueOf)).size !== 1) return;
  report('warning', node, 'has no backup pin: when the gateway gets a new key, nothing connects any more');
}

function checkClientCertificate(at: Lookup, report: Report): void {
  const type = at('gateway.auth.type');
  const [cert, key, bundle] = ['client_cert', 'client_key', 'client_pkcs12'].map((name) =>
    at(`gateway.auth.${name}`),
  );
  const named = cert ?? key ?? bundle;
  if (named === undefined) {
    if (type !== undefined && valueOf(type) === 'mtls') {
      report('error', type, '"mtls" needs client_cert and client_key, or client_pkcs12');
    }
    return;
  }
  if (bundle !== undefined && (cert ?? key) !== undefined) {
    report('error', bundle, 'stands beside client_cert or client_key; keep one of the two forms');
  } else if (bundle === undefined && (cert === undefined || key === undefined)) {
    report('error', named, `needs ${cert === undefined ? 'client_cert' : 'client_key'} beside it`);
  }
  if (type !== undefined && valueOf(type) === 'none') {
    report('warning', named, 'is not used, because gateway.auth.type is "none"');
  }
  const url = valueOf(at('gateway.url'));
  if (typeof url === 'string' && /^\s*(ws|http|tcp):/i.test(url)) {
    report('error', named, 'needs an encrypted connection; use wss:// in gateway.url');
  }
}

function checkPassphrase(at: Lookup, report: Report): void {
  const named = ['secure_key', 'env', 'file'].flatMap((name) => at(`gateway.auth.passphrase_${name}`) ?? []);
  for (const node of named) {
    const value = valueOf(node);
    const problem = typeof value === 'string' ? referenceProblem(node.origin.path, value.trim()) : null;
    if (problem !== null) report('error', node, problem);
  }
  const [first, ...others] = named;
  if (first === undefined) return;
  const isNeeded = ['client_key', 'client_pkcs12'].some((name) => at(`gateway.auth.${name}`) !== undefined);
  if (!isNeeded) report('warning', first, 'is not used without client_pkcs12 or client_key');
  for (const other of others) report('warning', other, 'is not used, because another passphrase_ key is set');
}

function checkCommand(at: Lookup, report: Report): void {
  const node = at('gateway.auth.token_command');
  if (node?.kind !== 'list') return;
  const program = valueOf(node.items[0]);
  if (typeof program === 'string' && /[/\\]/.test(program) && !/^([/~]|[A-Za-z]:[/\\])/.test(program)) {
    report('error', node, 'must start with a full path, or with the name of a program on PATH');
  }
  if (node.items.slice(1).some((item) => looksLikeSecret(String(valueOf(item))))) {
    report('error', node, 'holds what looks like a secret; other users can see the arguments of a program');
  }
  const type = valueOf(at('gateway.auth.type'));
  if (type === 'none' || type === 'mtls') {
    report('warning', node, `is not used, because gateway.auth.type is "${type}"`);
  }
}

const valueOf = (node: ConfigNode | undefined): unknown => (node?.kind === 'scalar' ? node.value : undefined);
