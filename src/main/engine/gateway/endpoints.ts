import type { GatewayConfig, RouterConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { FailureCause } from '../../../shared/model/status';
import type { CredentialSource } from '../auth/credential-source';
import type { CredentialSources } from '../auth/credential-sources';
import type { Credential } from '../auth/credentials';
import type { EnginePorts } from '../ports';

import { initialBreaker, nextBreaker, type Breaker, type BreakerEvent } from './breaker';
import { isFinal } from './connection-state';
import { chooseEndpoint, type EndpointChoice } from './endpoint-choice';
import { countsAsFailure, isLocalCause } from './endpoint-verdict';

/** What the knowledge is made of. */
export interface EndpointsParts {
  readonly ports: Pick<EnginePorts, 'clock' | 'random'>;
  readonly config: () => RouterConfig;
  readonly credentials: CredentialSources;
}

/** What all connections together know about an endpoint. */
interface Known {
  breaker: Breaker;
  refusal: { readonly cause: FailureCause; readonly credential: Credential | null } | null;
  /** It refused us before, and has not taken us since: one connection at a time finds out. */
  isSuspect: boolean;
  trial: Promise<void> | undefined;
}

/**
 * The endpoints of the configuration, and what the keeper and all sessions have learnt about them together. Endpoints
 * come from the configuration alone: nothing that the network says adds one.
 */
export class Endpoints {
  private readonly known = new Map<string, Known>();

  constructor(private readonly parts: EndpointsParts) {}

  /**
   * The endpoint for a new connection (`chooseEndpoint`).
   *
   * @throws RouterError the cause of the refusal when all have refused us
   */
  async pick(tried: ReadonlySet<string>, signal: AbortSignal): Promise<EndpointUse> {
    for (;;) {
      await this.lookAtRefused(tried, signal);
      const choice = this.outlook(tried);
      if (choice.kind === 'all-refused') throw new RouterError(choice.cause.code, choice.cause.detail);
      if (choice.kind === 'wait') throw new RouterError('gateway-unreachable', 'no other endpoint is left');
      const known = this.of(choice.url);
      if (known.trial === undefined) return this.use(choice.url, known);
      await endOf(known.trial, signal);
    }
  }

  /** What a connection can do that has tried these. */
  outlook(tried: ReadonlySet<string>): EndpointChoice {
    const { clock, random } = this.parts.ports;
    const facts = this.list.map(({ url, priority, weight }) => {
      const { breaker, refusal } = this.of(url);
      return { url, priority, weight, breaker, refusal: refusal?.cause ?? null };
    });
    return chooseEndpoint(facts, { tried, now: clock.now(), random: random() });
  }

  /** The person, a credential or the configuration has changed something: everything is tried anew. */
  forget(): void {
    for (const known of this.known.values()) {
      known.refusal = null;
      known.breaker = initialBreaker;
    }
    const listed = new Set(this.list.map(({ url }) => url));
    for (const url of this.known.keys()) if (!listed.has(url)) this.known.delete(url);
  }

  private get list(): RouterConfig['gateway_pool']['endpoints'] {
    return this.parts.config().gateway_pool.endpoints;
  }

  private of(url: string): Known {
    const known = this.known.get(url);
    if (known !== undefined) return known;
    const fresh: Known = { breaker: initialBreaker, refusal: null, isSuspect: false, trial: undefined };
    this.known.set(url, fresh);
    return fresh;
  }

  private use(url: string, known: Known): EndpointUse {
    const { config, credentials, ports } = this.parts;
    const endpoint = this.list.find((candidate) => candidate.url === url);
    if (endpoint === undefined) throw new Error('an endpoint that is not in the list was chosen');
    const note = (event: BreakerEvent): void => {
      known.breaker = nextBreaker(known.breaker, event, config().advanced.circuit_breaker);
    };
    note({ kind: 'dialled', now: ports.clock.now() });
    const use = new EndpointUse(endpoint, credentials(endpoint.auth), {
      accepted: () => {
        known.isSuspect = false;
      },
      lasted: () => {
        note({ kind: 'succeeded' });
      },
      failed: (cause, credential) => {
        if (countsAsFailure(cause.code)) note({ kind: 'failed', now: ports.clock.now() });
        else note({ kind: 'released' });
        if (!isFinal(cause.code)) return;
        known.refusal = { cause, credential };
        known.isSuspect = !isLocalCause(cause.code);
      },
      released: () => {
        note({ kind: 'released' });
      },
    });
    if (known.isSuspect) {
      known.trial = use.settled.then(() => {
        known.trial = undefined;
      });
    }
    return use;
  }

  /** Forgives what may be well again without anybody having said so. */
  private async lookAtRefused(tried: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    for (const { url, auth } of this.list) {
      const known = this.known.get(url);
      const refusal = known?.refusal ?? null;
      if (known === undefined || refusal === null || tried.has(url)) continue;
      const isOver =
        isLocalCause(refusal.cause.code) ||
        (refusal.credential !== null &&
          (await hasChanged(refusal.credential, this.parts.credentials(auth), signal)));
      if (isOver && known.refusal === refusal) known.refusal = null;
    }
  }
}

interface Verdicts {
  accepted(): void;
  lasted(): void;
  failed(cause: FailureCause, credential: Credential | null): void;
  released(): void;
}

/** One connection's use of an endpoint. What became of it is told once, and everybody knows it from then on. */
export class EndpointUse {
  /** The credential that was shown last. */
  credential: Credential | null = null;
  /** Resolves when the endpoint has taken us, or the use is over. */
  readonly settled: Promise<void>;
  private settle: () => void = () => undefined;
  private isOver = false;

  constructor(
    readonly endpoint: GatewayConfig,
    readonly credentials: CredentialSource,
    private readonly verdicts: Verdicts,
  ) {
    this.settled = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  /** It let us in. */
  accepted(): void {
    this.verdicts.accepted();
    this.settle();
  }

  /** The connection has lived long enough to be a good one. */
  lasted(): void {
    if (!this.isOver) this.verdicts.lasted();
  }

  /** The dial failed, or the connection was lost. */
  failed(cause: FailureCause): void {
    this.end(() => {
      this.verdicts.failed(cause, this.credential);
    });
  }

  /** We have given it up ourselves. */
  release(): void {
    this.end(() => {
      this.verdicts.released();
    });
  }

  private end(tell: () => void): void {
    if (this.isOver) return;
    this.isOver = true;
    tell();
    this.settle();
  }
}

/** A credential that cannot be had is no other one. */
async function hasChanged(
  refused: Credential,
  source: CredentialSource,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const now = await source.current(signal);
    return now !== null && now.secret.reveal() !== refused.secret.reveal();
  } catch (error) {
    if (error instanceof RouterError || signal.aborted) return false;
    throw error;
  }
}

/** Waits for a trial of another connection, or until this one is given up. */
function endOf(trial: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abandon = (): void => {
      reject(new RouterError('gateway-unreachable', 'given up'));
    };
    if (signal.aborted) abandon();
    signal.addEventListener('abort', abandon, { once: true });
    void trial.then(() => {
      signal.removeEventListener('abort', abandon);
      resolve();
    });
  });
}
