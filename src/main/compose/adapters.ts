import { auditedClients } from './command-audit';
import { commandAudit } from './ports';
import type { SecretStore } from '../engine/ports';
import type { ClientConnections } from '../platform/client-apps/client-connections';
import { createOwnClients } from '../platform/client-apps/own-clients';
import { createMemorySecrets } from '../platform/memory-secrets';
import { createSecretMask, type LogMask } from '../platform/secret-mask';
import { createMachine, type Machine } from '../platform/machine';
import type { ProcessFacts } from '../platform/process-facts';

/** The process, and the adapters that do not depend on a configuration; one for the life of a process. */
export interface Adapters {
  readonly facts: ProcessFacts;
  readonly machine: Machine;
  /** Every secret that was ever in use stays masked, also after a reload made another log. */
  readonly mask: LogMask;
  /** For `gateway.auth.token_storage: memory`. */
  readonly memory: SecretStore;
  readonly clients: ClientConnections;
}

/** Builds the adapters; nothing is opened before it is used. */
export function createAdapters(facts: ProcessFacts): Adapters {
  const machine = createMachine(facts, (remark) => facts.stderr.write(`mcp-router: ${remark}\n`));
  const memory = createMemorySecrets(() => new Date());
  const parts = { facts, machine, mask: createSecretMask(), memory };
  const clients = auditedClients(createOwnClients(facts, machine), commandAudit(parts));
  return { ...parts, clients };
}
