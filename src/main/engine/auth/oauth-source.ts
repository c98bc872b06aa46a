import { createHash } from 'node:crypto';

import type { GatewayConfig, RouterConfig } from '../../../shared/model/config';
import { RouterError, type ErrorCode } from '../../../shared/model/errors';
import type { FailureCause } from '../../../shared/model/status';
import type { EnginePorts } from '../ports';

import { scopesIn, scopesWanted, unionOfScopes } from './challenge';
import type { CredentialSource } from './credential-source';
import type { Credential } from './credentials';
import type { HeldToken } from './oauth-exchange';
import { ClientRefusedError } from './oauth-failure';
import { resolveOAuthSecrets, type OAuthSecrets } from './oauth-secrets';
import { configuredScope, oauthSettings, withScope, type OAuthSettings } from './oauth-settings';
import { grantStore } from './oauth-sign-in-store';
import type { TokenStore } from './oauth-store';
import type { Secret } from './secret';

type AuthConfig = GatewayConfig['auth'];

/** A token is renewed this long before it expires, or a quarter of its life before if it lives shortly. */
const RENEW_BEFORE_MS = 30_000;
const RENEW_BEFORE_SHARE = 0.25;
/** A token that came in place of a refused one and is refused as well is not replaced again so soon. */
const REFUSED_PAUSE_MS = 30_000;
/** How long a failure answers for whoever asks with the same settings and secrets. */
const FINAL_FAILURE_MS = 30_000;
const PASSING_FAILURE_MS = 1_000;
/** How many unions of scopes are asked for; a reload starts anew. */
const MAX_UNIONS = 16;
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'oauth-unreachable',
  'oauth-misbehaved',
  'token-lock-unavailable',
]);
const REMEMBERED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...PASSING,
  'oauth-refused',
  'oauth-untrusted',
  'sign-in-needed',
]);

/** When a token is to be replaced; `random` in [0, 1) keeps many routers apart. Epoch milliseconds. */
export function renewalTime(obtainedAt: number, lifetimeMs: number, random: number): number {
  const lead = Math.min(RENEW_BEFORE_MS, lifetimeMs * RENEW_BEFORE_SHARE);
  return obtainedAt + lifetimeMs - lead * (1 + random);
}

/** Everything that belongs to one reading of the configuration; a reload starts anew. */
interface Epoch {
  readonly config: RouterConfig;
  readonly auth: AuthConfig;
  readonly store: TokenStore;
  token: (HeldToken & { renewAt: number; readonly isReplacement: boolean }) | null;
  /** The client secret, as a digest, that the token was last asked for with. */
  secretDigest: string | null;
  /** The refusal for which a way back was looked for. */
  lookedInto: RouterError | null;
  /** The exchange that everybody waits for. */
  flight: Promise<HeldToken> | null;
  failure: { readonly error: RouterError; readonly inputs: string; readonly until: number } | null;
  /** Asked for in place of the configured scopes, because the other side wants more. */
  scope: string | null;
  /** Each union is asked for once. */
  readonly asked: Set<string>;
  /** What only a person can get, for the token that lacks it. */
  missing: {
    readonly token: string;
    readonly scope: string;
    readonly error: RouterError;
    readonly until: number;
  } | null;
}

/** The identity provider does not take this client secret: true when another one is in use now. */
export type OnClientRefused = (secret: Secret) => Promise<boolean>;

/** A source that can be told that what it asks with may have changed. */
export interface OAuthTokens extends CredentialSource {
  /** Takes a token with another client secret at the next call; the one that is held stays good until there is one. */
  lookAtSecrets(): Promise<void>;
  /** Drops every token that is held. */
  forget(): void;
}

/** Tokens of an identity provider: one for all connections, renewed before it expires and once when it is refused. */
export function oauthSource(
  config: () => RouterConfig,
  ports: EnginePorts,
  onClientRefused: OnClientRefused = () => Promise.resolve(false),
): OAuthTokens {
  return new OAuthSource(config, ports, onClientRefused);
}

class OAuthSource implements OAuthTokens {
  private epoch: Epoch | undefined;

  constructor(
    private readonly config: () => RouterConfig,
    private readonly ports: EnginePorts,
    private readonly onClientRefused: OnClientRefused,
  ) {}

  forget(): void {
    this.epoch = undefined;
  }

  async lookAtSecrets(): Promise<void> {
    const epoch = this.epochNow();
    const { token, secretDigest, auth } = epoch;
    if (token === null || secretDigest === null) return;
    try {
      const { clientSecret } = await resolveOAuthSecrets(auth, this.ports);
      if (secretDigestOf(clientSecret) !== secretDigest) token.renewAt = 0;
    } catch (error) {
      // Who asks for a token next is told.
      if (!(error instanceof RouterError)) throw error;
    }
  }

  async current(signal: AbortSignal): Promise<Credential> {
    const epoch = this.epochNow();
    const { token } = epoch;
    const now = this.ports.clock.now();
    if (token !== null && now < token.renewAt) return token.credential;
    try {
      return await this.fetched(epoch, null, signal);
    } catch (error) {
      if (token === null || !(error instanceof RouterError) || now >= token.expiresAt) throw error;
      return token.credential; // It is still good; a later caller tries again.
    }
  }

  async renewed(refused: Credential, signal: AbortSignal): Promise<Credential | null> {
    const epoch = this.epochNow();
    const { token } = epoch;
    const value = refused.secret.reveal();
    if (token !== null && token.credential.secret.reveal() !== value) return token.credential;
    const age = token === null ? Infinity : this.ports.clock.now() - token.obtainedAt;
    if (token?.isReplacement === true && age < REFUSED_PAUSE_MS) return null;
    const next = await this.fetched(epoch, value, signal);
    return next.secret.reveal() === value ? null : next;
  }

  get missingScope(): string | null {
    return this.epochNow().missing?.scope ?? null;
  }

  refusedForGood(cause: FailureCause): FailureCause {
    if (this.epochNow().auth.grant_type !== 'authorization_code') return cause;
    return {
      code: 'sign-in-needed',
      detail: `the server refuses the renewed token as well: ${cause.detail}`,
    };
  }

  async widened(held: Credential, scopes: readonly string[], signal: AbortSignal): Promise<Credential> {
    const epoch = this.epochNow();
    const { auth } = epoch;
    const value = held.secret.reveal();
    // What is being fetched may be what is missing.
    while (epoch.flight !== null) await unlessAborted(epoch.flight.then(noop, noop), signal);
    if (epoch.token !== null && epoch.token.credential.secret.reveal() !== value)
      return epoch.token.credential;
    if (auth.grant_type === 'authorization_code' || auth.grant_type === 'refresh_token') {
      return this.askPerson(epoch, value, scopes);
    }
    const before = epoch.scope;
    const scope = unionOfScopes(before ?? configuredScope(auth) ?? '', scopes);
    if (epoch.asked.has(scope) || epoch.asked.size >= MAX_UNIONS) {
      throw new RouterError('auth-failed', `${scopesWanted(scopes)}, and was asked for it before`);
    }
    epoch.asked.add(scope);
    epoch.scope = scope;
    try {
      return await this.fetched(epoch, value, signal);
    } catch (error) {
      epoch.scope = before;
      throw error;
    }
  }

  /** A token of a person gets more scopes only where that person agrees again. */
  private async askPerson(epoch: Epoch, token: string, scopes: readonly string[]): Promise<Credential> {
    const { ports } = this;
    const { config, store, missing } = epoch;
    const known = missing?.token === token && ports.clock.now() < missing.until ? missing : null;
    if (known !== null && scopes.every((scope) => scopesIn(known.scope).includes(scope))) throw known.error;
    try {
      if (epoch.auth.grant_type === 'refresh_token')
        throw new RouterError('sign-in-needed', scopesWanted(scopes));
      const { widenSignedIn } = await import('./oauth-signed-in');
      const parts = { config, store, ports, refused: token, isFresh: this.isFresh };
      return this.keep(epoch, await widenSignedIn(parts, scopes), token).credential;
    } catch (error) {
      if (error instanceof RouterError && error.code === 'sign-in-needed') {
        const scope = unionOfScopes(known?.scope ?? '', scopes);
        epoch.missing = { token, scope, error, until: ports.clock.now() + FINAL_FAILURE_MS };
      }
      throw error;
    }
  }

  /** What belongs to the configuration of this moment. A reload brings another object, even with the same text. */
  private epochNow(): Epoch {
    const config = this.config();
    const { gateway } = config;
    const { auth } = gateway;
    if (this.epoch?.auth !== auth) {
      const nothing = {
        token: null,
        secretDigest: null,
        lookedInto: null,
        flight: null,
        failure: null,
        scope: null,
        missing: null,
      };
      this.epoch = { config, auth, store: grantStore(gateway, this.ports), asked: new Set(), ...nothing };
    }
    return this.epoch;
  }

  private async fetched(epoch: Epoch, refused: string | null, signal: AbortSignal): Promise<Credential> {
    if (epoch.flight === null) {
      const flight = this.fetchOrGoBack(epoch, refused).finally(() => {
        epoch.flight = null;
      });
      epoch.flight = flight;
    }
    const { credential } = await unlessAborted(epoch.flight, signal);
    return credential;
  }

  /** With the client secret of before, where a rotation left one and the new one is refused. */
  private async fetchOrGoBack(epoch: Epoch, refused: string | null): Promise<HeldToken> {
    try {
      return await this.fetch(epoch, refused);
    } catch (error) {
      // A refusal that is remembered was looked into when it came.
      const isNew = error instanceof ClientRefusedError && error !== epoch.lookedInto;
      if (!isNew) throw error;
      epoch.lookedInto = error;
      const { clientSecret } = await resolveOAuthSecrets(epoch.auth, this.ports);
      if (clientSecret === null || !(await this.onClientRefused(clientSecret))) throw error;
      return this.fetch(epoch, refused);
    }
  }

  private async fetch(epoch: Epoch, refused: string | null): Promise<HeldToken> {
    const { auth, store } = epoch;
    const { ports, isFresh } = this;
    if (auth.grant_type === 'authorization_code') {
      const { exchangeSignedIn } = await import('./oauth-signed-in');
      return this.keep(
        epoch,
        await exchangeSignedIn({ config: epoch.config, store, ports, refused, isFresh }),
        refused,
      );
    }
    const settings = withScope(oauthSettings(auth), epoch.scope);
    const secrets = await resolveOAuthSecrets(auth, ports);
    epoch.secretDigest = secretDigestOf(secrets.clientSecret);
    const inputs = digestOf(settings, secrets);
    const { failure } = epoch;
    if (failure !== null && failure.inputs === inputs && ports.clock.now() < failure.until)
      throw failure.error;
    try {
      // Loaded when it is needed: most routers never speak to an identity provider.
      const { exchange } = await import('./oauth-exchange');
      const token = await exchange({
        ...{ config: epoch.config, settings, secrets, store, ports, refused, isFresh },
        isWider: epoch.scope !== null,
      });
      return this.keep(epoch, token, refused);
    } catch (error) {
      if (error instanceof RouterError && REMEMBERED.has(error.code)) {
        const pauseMs = PASSING.has(error.code) ? PASSING_FAILURE_MS : FINAL_FAILURE_MS;
        epoch.failure = { error, inputs, until: ports.clock.now() + pauseMs };
      }
      throw error;
    }
  }

  private readonly isFresh = (obtainedAt: number, lifetimeMs: number): boolean =>
    this.ports.clock.now() < renewalTime(obtainedAt, lifetimeMs, 0);

  private keep(epoch: Epoch, token: HeldToken, refused: string | null): HeldToken {
    const renewAt = renewalTime(token.obtainedAt, token.expiresAt - token.obtainedAt, this.ports.random());
    epoch.token = { ...token, renewAt, isReplacement: refused !== null };
    epoch.failure = null;
    epoch.missing = null;
    return token;
  }
}

const noop = (): void => undefined;

const secretDigestOf = (secret: Secret | null): string =>
  createHash('sha256')
    .update(secret?.reveal() ?? '')
    .digest('base64url');

/** Tells whether the same would be asked again; a corrected secret is tried at once. */
function digestOf(settings: OAuthSettings, secrets: OAuthSecrets): string {
  const values = [secrets.clientSecret, secrets.password, secrets.refreshToken];
  const text = JSON.stringify([settings, values.map((secret) => secret?.reveal() ?? null)]);
  return createHash('sha256').update(text).digest('base64url');
}

/** One caller may leave; the exchange goes on for the others, bounded by its own time limits. */
function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    if (signal.aborted) {
      leave();
      work.catch(() => undefined);
      return;
    }
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', leave);
    });
  });
}
