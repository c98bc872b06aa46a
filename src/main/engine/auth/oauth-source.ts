import { createHash } from 'node:crypto';

import type { GatewayConfig, RouterConfig } from '../../../shared/model/config';
import { RouterError, type ErrorCode } from '../../../shared/model/errors';
import type { EnginePorts } from '../ports';

import type { CredentialSource } from './credential-source';
import { tokenStore, type Credential } from './credentials';
import type { HeldToken } from './oauth-exchange';
import { resolveOAuthSecrets, type OAuthSecrets } from './oauth-secrets';
import { oauthSettings, type OAuthSettings } from './oauth-settings';
import { signInStore } from './oauth-sign-in-store';
import { secretTokenStore, memoryTokenStore, recordName, type TokenStore } from './oauth-store';

type AuthConfig = GatewayConfig['auth'];

/** A token is renewed this long before it expires, or a quarter of its life before if it lives shortly. */
const RENEW_BEFORE_MS = 30_000;
const RENEW_BEFORE_SHARE = 0.25;
/** A token that came in place of a refused one and is refused as well is not replaced again so soon. */
const REFUSED_PAUSE_MS = 30_000;
/** How long a failure answers for whoever asks with the same settings and secrets. */
const FINAL_FAILURE_MS = 30_000;
const PASSING_FAILURE_MS = 1_000;
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
  readonly gateway: GatewayConfig;
  readonly auth: AuthConfig;
  readonly store: TokenStore;
  token: (HeldToken & { renewAt: number; readonly isReplacement: boolean }) | null;
  /** The exchange that everybody waits for. */
  flight: Promise<HeldToken> | null;
  failure: { readonly error: RouterError; readonly inputs: string; readonly until: number } | null;
}

/** Tokens of an identity provider: one for all connections, renewed before it expires and once when it is refused. */
export function oauthSource(config: () => RouterConfig, ports: EnginePorts): CredentialSource {
  return new OAuthSource(() => config().gateway, ports);
}

class OAuthSource implements CredentialSource {
  private epoch: Epoch | undefined;

  constructor(
    private readonly gateway: () => GatewayConfig,
    private readonly ports: EnginePorts,
  ) {}

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

  /** What belongs to the configuration of this moment. A reload brings another object, even with the same text. */
  private epochNow(): Epoch {
    const gateway = this.gateway();
    const { auth } = gateway;
    if (this.epoch?.auth !== auth) {
      this.epoch = { gateway, auth, store: this.storeFor(gateway), token: null, flight: null, failure: null };
    }
    return this.epoch;
  }

  /** Guide, Data Protection: nothing is kept beyond memory, unless a rotating refresh token has to be. */
  private storeFor(gateway: GatewayConfig): TokenStore {
    const { auth } = gateway;
    if (auth.grant_type === 'authorization_code') return signInStore(gateway, this.ports);
    if (auth.grant_type !== 'refresh_token') return memoryTokenStore();
    const { issuer, clientId } = oauthSettings(auth);
    return secretTokenStore(tokenStore(auth, this.ports), recordName(issuer, clientId));
  }

  private async fetched(epoch: Epoch, refused: string | null, signal: AbortSignal): Promise<Credential> {
    if (epoch.flight === null) {
      const flight = this.fetch(epoch, refused).finally(() => {
        epoch.flight = null;
      });
      epoch.flight = flight;
    }
    const { credential } = await unlessAborted(epoch.flight, signal);
    return credential;
  }

  private async fetch(epoch: Epoch, refused: string | null): Promise<HeldToken> {
    const { auth, store } = epoch;
    const { ports } = this;
    const isFresh = (obtainedAt: number, lifetimeMs: number): boolean =>
      ports.clock.now() < renewalTime(obtainedAt, lifetimeMs, 0);
    if (auth.grant_type === 'authorization_code') {
      const { exchangeSignedIn } = await import('./oauth-signed-in');
      return this.keep(
        epoch,
        await exchangeSignedIn({ gateway: epoch.gateway, store, ports, refused, isFresh }),
        refused,
      );
    }
    const settings = oauthSettings(auth);
    const secrets = await resolveOAuthSecrets(auth, ports);
    const inputs = digestOf(settings, secrets);
    const { failure } = epoch;
    if (failure !== null && failure.inputs === inputs && ports.clock.now() < failure.until)
      throw failure.error;
    try {
      // Loaded when it is needed: most routers never speak to an identity provider.
      const { exchange } = await import('./oauth-exchange');
      const token = await exchange({ auth, settings, secrets, store, ports, refused, isFresh });
      return this.keep(epoch, token, refused);
    } catch (error) {
      if (error instanceof RouterError && REMEMBERED.has(error.code)) {
        const pauseMs = PASSING.has(error.code) ? PASSING_FAILURE_MS : FINAL_FAILURE_MS;
        epoch.failure = { error, inputs, until: ports.clock.now() + pauseMs };
      }
      throw error;
    }
  }

  private keep(epoch: Epoch, token: HeldToken, refused: string | null): HeldToken {
    const renewAt = renewalTime(token.obtainedAt, token.expiresAt - token.obtainedAt, this.ports.random());
    epoch.token = { ...token, renewAt, isReplacement: refused !== null };
    epoch.failure = null;
    return token;
  }
}

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
