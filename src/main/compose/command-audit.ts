import { auditChoice } from '../../shared/model/audit-choice';
import { RouterError } from '../../shared/model/errors';
import { anchorKey, chainParts, openChain, type AuditFact, type Rotation } from '../engine/index';
import type { EnginePorts, SecretChange } from '../engine/ports';
import type { ClientConnections } from '../platform/client-apps/client-connections';
import type { LoadedConfig } from '../platform/load-config';

import type { SignInMachine } from './sign-in-machine';
import type { TokenMachine } from './token-machine';

/** What a command did, for the audit log. */
type Told = Pick<AuditFact, 'action' | 'outcome' | 'code' | 'facts'>;

/** What recording commands stands on. */
export interface CommandAuditParts {
  readonly ports: Pick<EnginePorts, 'clock' | 'logger' | 'audit' | 'secrets' | 'locks' | 'mask'>;
  readonly load: (configPath?: string) => Promise<LoadedConfig>;
  /** The user of the system; null on Windows. */
  readonly uid: number | null;
  readonly warn: (text: string) => void;
}

/**
 * Records what commands change, each in a slot of its own process. With `advanced.compliance.audit_all` nothing is done that
 * cannot be recorded.
 */
export class CommandAudit {
  constructor(private readonly parts: CommandAuditParts) {}

  /**
   * @param tell null: nothing happened that belongs into the log
   * @throws RouterError audit-unavailable
   */
  async around<Value>(
    act: () => Promise<Value>,
    tell: (value: Value) => Told | null,
    configPath?: string,
  ): Promise<Value> {
    const { ports, load, warn } = this.parts;
    const loaded = await load(configPath);
    const config = loaded.kind === 'valid' ? loaded.config : null;
    if (config === null || !auditChoice(config).enabled) return act();
    const opening = await openChain(
      chainParts({ ports, config: () => config }),
      config.logging.audit.output,
      null,
    );
    if (opening.kind === 'failed') {
      if (auditChoice(config).isDemanded) throw new RouterError('audit-unavailable', opening.reason);
      warn(`this is not in the audit log, which cannot be written: ${opening.reason}`);
      return act();
    }
    const { chain } = opening;
    try {
      const value = await act().catch(async (error: unknown) => {
        if (error instanceof RouterError) await chain.write([this.fact(told('command', {}, error.code))]);
        throw error;
      });
      const happened = tell(value);
      const step = happened === null ? null : await chain.write([this.fact(happened)]);
      if (step?.kind === 'failed') warn(`this could not be put into the audit log: ${step.reason}`);
      return value;
    } finally {
      await chain.sealWith(await anchorKey(ports));
      await chain.close();
    }
  }

  private fact(told: Told): AuditFact {
    const { ports, uid } = this.parts;
    const actor = { kind: 'command', ...(uid === null ? {} : { uid }) };
    return { time: new Date(ports.clock.now()).toISOString(), actor, ...told };
  }
}

const told = (action: string, facts: Told['facts'], code: string | null = null): Told => ({
  action,
  outcome: code === null ? 'ok' : 'failed',
  code,
  facts,
});

const changeTold = (action: string, credential: string, { kind }: SecretChange): Told =>
  told(action, { credential }, kind === 'done' ? null : `keychain-${kind}`);

/** The same commands, recorded. */
export function auditedTokens(machine: TokenMachine, audit: CommandAudit): TokenMachine {
  return {
    ...machine,
    set: (name, value) =>
      audit.around(
        () => machine.set(name, value),
        (change) => changeTold('credential-stored', name, change),
      ),
    delete: (name) =>
      audit.around(
        () => machine.delete(name),
        (change) => changeTold('credential-deleted', name, change),
      ),
    rotation: async (name, configPath) => {
      const start = await machine.rotation(name, configPath);
      if (start.kind === 'refused') return start;
      const { inUse, rotation } = start;
      const about = { source: inUse.source, credential: inUse.name };
      return {
        ...start,
        rotation: auditedRotation(rotation, { audit, about, configPath }),
        endOverlap: () =>
          audit.around(
            () => start.endOverlap(),
            () => told('credential-overlap-ended', about),
            configPath,
          ),
      };
    },
  };
}

/** The same for one rotation. */
export function auditedRotation(
  rotation: Rotation,
  {
    audit,
    about,
    configPath,
  }: { readonly audit: CommandAudit; readonly about: Told['facts']; readonly configPath: string | undefined },
): Rotation {
  const tell =
    (action: string) =>
    (state: Rotation['state']): Told => {
      const code = 'cause' in state ? state.cause.code : null;
      return told(action, { ...about, state: state.name }, code);
    };
  return {
    get state() {
      return rotation.state;
    },
    onState: (listener) => rotation.onState(listener),
    begin: (value) => audit.around(() => rotation.begin(value), tell('credential-rotated'), configPath),
    rollBack: () => audit.around(() => rotation.rollBack(), tell('credential-rolled-back'), configPath),
  };
}

/** The same for signing in and out. */
export function auditedSignIn(machine: SignInMachine, audit: CommandAudit): SignInMachine {
  return {
    ...machine,
    signIn: (configPath, showUrl) =>
      audit.around(
        () => machine.signIn(configPath, showUrl),
        ({ issuer, clientId }) => told('signed-in', { issuer, clientId }),
        configPath,
      ),
    signOut: (configPath) =>
      audit.around(
        () => machine.signOut(configPath),
        (how) => told('signed-out', { how }),
        configPath,
      ),
  };
}

/** The same for the files of clients. */
export function auditedClients(clients: ClientConnections, audit: CommandAudit): ClientConnections {
  return {
    list: () => clients.list(),
    plan: async (action, id, options) => {
      const planned = await clients.plan(action, id, options);
      if (planned.kind !== 'planned') return planned;
      return {
        ...planned,
        apply: () =>
          audit.around(
            () => planned.apply(),
            ({ kind }) =>
              kind === 'stale'
                ? null
                : told(`client-${action}`, { client: id }, kind === 'done' ? null : kind),
          ),
      };
    },
  };
}
