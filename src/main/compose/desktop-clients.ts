import { randomUUID } from 'node:crypto';

import type { HandlersOf } from '../../shared/ipc/call';
import type {
  clientAppCalls,
  ClientChangePreview,
  ClientChangeRequest,
  ClientChangeResult,
  ClientTokenReport,
} from '../../shared/ipc/client-app-calls';
import type { ClientConnections, PlannedChange } from '../platform/client-apps/client-connections';
import type { ClientTokens } from '../platform/client-tokens';
import type { LoadedConfig } from '../platform/load-config';

/** What the page "Clients" stands on. */
export interface DesktopClientParts {
  readonly clients: ClientConnections;
  readonly machine: {
    readonly clientTokens: ClientTokens;
    loadConfig(): Promise<LoadedConfig>;
  };
}

interface Offer {
  readonly ticket: string;
  readonly request: ClientChangeRequest;
  readonly planned: PlannedChange;
}

const NO_OFFER = 'This preview is not the newest any more, so nothing was written. Look at the change again.';

/** Connects clients as the window asks: only what was previewed last is carried out, and only once (SEC-110). */
class OfferedChanges {
  private offer: Offer | undefined;

  constructor(private readonly clients: ClientConnections) {}

  async preview(request: ClientChangeRequest): Promise<ClientChangePreview> {
    const { action, id, name, mayReplace = false } = request;
    const planned = await this.clients.plan(action, id, { name, mayReplace });
    if (planned.kind !== 'planned') return planned;
    const ticket = randomUUID();
    this.offer = { ticket, request, planned };
    return { kind: 'planned', ticket, preview: planned.preview };
  }

  async apply(ticket: string): Promise<ClientChangeResult> {
    const { offer } = this;
    if (offer?.ticket !== ticket) return { kind: 'refused', message: NO_OFFER };
    this.offer = undefined;
    const outcome = await offer.planned.apply();
    return outcome.kind === 'stale' ? { kind: 'stale', now: await this.preview(offer.request) } : outcome;
  }
}

async function tokenReport({ machine }: DesktopClientParts): Promise<ClientTokenReport> {
  const loaded = await machine.loadConfig();
  if (loaded.kind !== 'valid' || !loaded.config.local.http.enabled) return { kind: 'off' };
  const { address } = loaded.config.local.http;
  const listed = await machine.clientTokens.list();
  if (listed.kind !== 'done') return { kind: 'unusable', problem: listed.problem };
  const tokens = listed.value.map(({ name, createdAt }) => ({ name, createdAt }));
  return { kind: 'on', url: `http://${address}/mcp`, tokens };
}

/** What stands behind the page "Clients". */
export function desktopClients(parts: DesktopClientParts): HandlersOf<typeof clientAppCalls> {
  const { clients, machine } = parts;
  const offered = new OfferedChanges(clients);
  return {
    'client-apps.list': () => clients.list(),
    'client-apps.preview': (request) => offered.preview(request),
    'client-apps.apply': ({ ticket }) => offered.apply(ticket),
    'client-tokens.list': () => tokenReport(parts),
    'client-tokens.add': async ({ name }) => {
      const change = await machine.clientTokens.add(name);
      return change.kind === 'done'
        ? { kind: 'added', name, value: change.value }
        : { kind: 'refused', problem: change.problem };
    },
    'client-tokens.revoke': async ({ name }) => {
      const change = await machine.clientTokens.revoke(name);
      return change.kind === 'done' ? { ok: true } : { ok: false, code: 'internal', message: change.problem };
    },
  };
}
