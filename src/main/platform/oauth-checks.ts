import { isLoopback } from './config-checks';
import { problemAt, type LocatedProblem } from './config-problems';
import { nodeAt, type ConfigNode, type MapNode, type ScalarNode } from './config-tree';
import { isSecretName, referenceProblem } from './inline-secrets';
import { pathRules } from './paths';

const AUTH = ['gateway', 'auth'] as const;
const SECRETS = ['client_secret', 'password', 'refresh_token'] as const;
const SOURCES = ['secure_key', 'env', 'file'] as const;
const ONLY_OAUTH = [
  'client_id',
  'token_endpoint',
  'scopes',
  'scope',
  'grant_type',
  'username',
  'client_auth',
  'issuer',
  'audience',
  'resource',
  'token_storage',
  'token_timeout_ms',
  'tls',
  ...SECRETS.flatMap((secret) => SOURCES.map((source) => `${secret}_${source}`)),
];
/** RFC 6749 section 3.3. */
const SCOPE_SHAPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** What types cannot say about `gateway.auth` of type `oauth2`. Runs on a tree whose values may still be wrong. */
export function checkOAuth(tree: MapNode, platform: NodeJS.Platform): readonly LocatedProblem[] {
  const section = nodeAt(tree, AUTH);
  if (section?.kind !== 'map') return [];
  const check = new OAuthCheck(section, platform);
  check.run();
  return check.problems;
}

class OAuthCheck {
  readonly problems: LocatedProblem[] = [];

  constructor(
    private readonly section: MapNode,
    private readonly platform: NodeJS.Platform,
  ) {}

  run(): void {
    const type = this.text('type') ?? 'bearer';
    if (type !== 'oauth2') {
      this.warnUnused(ONLY_OAUTH, `gateway.auth.type is "${type}"`);
      return;
    }
    if (this.text('grant_type') === 'authorization_code') this.checkSignIn();
    else {
      this.checkEndpoint();
      if (this.text('client_id') === undefined)
        this.missing('client_id: write the name of this router there');
    }
    this.checkScopes();
    this.checkGrant(this.text('grant_type') ?? 'client_credentials');
    for (const secret of SECRETS) this.checkSources(secret);
    this.checkTls();
  }

  private text(key: string): string | undefined {
    const node = this.scalar(key);
    return typeof node?.value === 'string' && node.value.trim() !== '' ? node.value.trim() : undefined;
  }

  private scalar(...path: readonly string[]): ScalarNode | undefined {
    const node = nodeAt(this.section, path);
    return node?.kind === 'scalar' ? node : undefined;
  }

  private report(severity: LocatedProblem['severity'], node: ConfigNode, message: string): void {
    this.problems.push(problemAt(severity, node.origin, message));
  }

  private missing(message: string): void {
    this.report('error', this.section, `type "oauth2" needs ${message}`);
  }

  private warnUnused(keys: readonly string[], reason: string): void {
    for (const key of keys) {
      const node = this.section.entries.get(key);
      if (node !== undefined) this.report('warning', node, `is not used, because ${reason}`);
    }
  }

  /** Everything is found out by signing in, unless the person says it. */
  private checkSignIn(): void {
    this.warnUnused(['token_endpoint', 'audience'], 'grant_type is "authorization_code"');
    const issuer = this.scalar('issuer');
    const text = this.text('issuer');
    if (issuer !== undefined && text !== undefined && !/^https:\/\/[^/]/.test(text) && !isLocalPlain(text)) {
      this.report(
        'error',
        issuer,
        'must start with https://, and be exactly what the identity provider calls itself',
      );
    }
    const storage = this.scalar('token_storage');
    if (storage?.value === 'memory') {
      this.report(
        'error',
        storage,
        'cannot be "memory" with grant_type "authorization_code": signing in is a command of its own',
      );
    }
  }

  private checkEndpoint(): void {
    const node = this.scalar('token_endpoint');
    const text = this.text('token_endpoint');
    if (node === undefined || text === undefined) {
      this.missing('token_endpoint, such as https://auth.example.com/token');
      return;
    }
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null) {
      this.report('error', node, 'is not an address; write it like https://auth.example.com/token');
      return;
    }
    const isPlainHere = url.protocol === 'http:' && isLoopback(url.hostname);
    if (url.protocol !== 'https:' && !isPlainHere) {
      this.report('error', node, 'must start with https://, because the client secret is sent there');
    }
    if (url.username !== '' || url.password !== '' || [...url.searchParams.keys()].some(isSecretName)) {
      this.report(
        'error',
        node,
        'must not hold a secret; name it with client_secret_env, _file or _secure_key',
      );
    }
    if (text.includes('#')) this.report('error', node, 'must not have a fragment (#...)');
  }

  private checkScopes(): void {
    const list = this.section.entries.get('scopes');
    const one = this.scalar('scope');
    if (list !== undefined && one !== undefined) {
      this.report('error', one, 'says the same as "scopes"; keep one of the two');
    }
    const items = list?.kind === 'list' ? list.items : [];
    const written = one === undefined ? items : [...items, one];
    for (const node of written) {
      if (node.kind !== 'scalar' || typeof node.value !== 'string') continue;
      const parts = node === one ? node.value.trim().split(/ +/) : [node.value.trim()];
      if (parts.every((part) => part === '' || SCOPE_SHAPE.test(part))) continue;
      this.report('error', node, 'holds characters that a scope cannot have; write one scope per item');
    }
  }

  private checkGrant(grant: string): void {
    if (grant !== 'password')
      this.warnUnused(['username', ...keysOf('password')], `grant_type is "${grant}"`);
    if (grant !== 'refresh_token') this.warnUnused(keysOf('refresh_token'), `grant_type is "${grant}"`);
    if (grant === 'client_credentials' || grant === 'password') {
      this.warnUnused(['token_storage'], `grant_type is "${grant}"`);
    }
    if (grant === 'client_credentials') this.needSource('client_secret', 'client_credentials');
    if (grant === 'refresh_token') this.needSource('refresh_token', 'refresh_token');
    if (grant !== 'password') return;
    this.needSource('password', 'password');
    if (this.text('username') === undefined) this.missing('username, because grant_type is "password"');
  }

  private needSource(secret: string, grant: string): void {
    if (keysOf(secret).some((key) => this.section.entries.has(key))) return;
    this.missing(`${keysOf(secret).join(', ')} or more of them, because grant_type is "${grant}"`);
  }

  private checkSources(secret: string): void {
    const named = keysOf(secret).flatMap((key) => this.scalar(key) ?? []);
    for (const node of named) {
      const text = typeof node.value === 'string' ? node.value.trim() : '';
      const problem = referenceProblem(node.origin.path, text);
      if (problem !== null) this.report('error', node, problem);
    }
    this.checkPath(this.scalar(`${secret}_file`));
    const [first, ...others] = named;
    for (const other of others) {
      this.report('warning', other, `is used only when ${first?.origin.path ?? ''} gives nothing`);
    }
  }

  private checkTls(): void {
    const verify = this.scalar('tls', 'verify');
    if (verify?.value === false) {
      const message =
        'certificates are not verified: anybody on the way can pose as the identity provider and read the client secret';
      this.report('warning', verify, message);
    }
    this.checkPath(this.scalar('tls', 'ca_cert_path'));
  }

  private checkPath(node: ScalarNode | undefined): void {
    if (typeof node?.value !== 'string' || node.value.trim() === '') return;
    const path = node.value.trim();
    if (pathRules(this.platform).isAbsolute(path) || /^~[/\\]/.test(path)) return;
    const message =
      'must be a full path, or start with ~/ (clients start this program in folders of their own)';
    this.report('error', node, message);
  }
}

function isLocalPlain(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === 'http:' && isLoopback(url.hostname);
}

/** In the order in which they are asked. */
function keysOf(secret: string): readonly string[] {
  return SOURCES.map((source) => `${secret}_${source}`);
}
