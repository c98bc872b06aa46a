import type { RouterConfig } from '../../../shared/model/config';
import type { AuditedRequest, RouterFact } from '../../../shared/model/events';
import type { ClientLoad } from '../guard/fair-slots';
import type { Guard } from '../guard/guard';
import { errorReply, onOneLine, type Refusal } from '../jsonrpc/message';
import type { EnginePorts } from '../ports';

import type { Lanes } from './lanes';

/** The client's side of a session, as a listener offers it. */
export interface ClientDoor {
  readonly kind: 'stdio' | 'socket';
  /** Writes one message; never blocks, and never throws when the client is gone. */
  deliver(message: Buffer): void;
  /** True while the client does not read what is written to it. */
  readonly isCongested: boolean;
  pauseInput(): void;
  resumeInput(): void;
  /** The session is over: flush what was delivered and let go of the client. */
  end(): Promise<void>;
}

/** What both lanes of a session share. */
export interface SessionContext {
  readonly id: string;
  readonly door: ClientDoor;
  readonly ports: EnginePorts;
  readonly config: () => RouterConfig;
  readonly guard: Guard;
  /** Its connections to the gateway. */
  readonly lanes: Lanes;
  /** What the other sessions have at the gateway, and wait for. */
  readonly others: () => readonly ClientLoad[];
  /** One of them is over, and another session may have waited for it. */
  readonly onReleased: () => void;
  readonly publish: (fact: RouterFact) => void;
}

/** Answers a request with an error of ours, and says so on the bus. */
export function refuse(
  context: SessionContext,
  idText: Buffer | null,
  refusal: Refusal,
  audited: { readonly audited?: AuditedRequest } = {},
): void {
  deliver(context, errorReply(idText, refusal));
  const { code, detail = '' } = refusal;
  context.publish({ kind: 'request-refused', session: context.id, code, detail, ...audited });
  publishLimit(context, refusal);
}

/** Says so when a limit or a rule of ours stopped a message. */
export function publishLimit({ id: session, publish }: SessionContext, refusal: Refusal): void {
  const { limit, retryAfterMs = 0, detail = '' } = refusal;
  switch (limit) {
    case 'local.rate_limit':
    case 'local.max_concurrent_requests':
      publish({ kind: 'rate-limited', session, limit, retryAfterMs });
      return;
    case 'local.policy.allow_methods':
    case 'local.policy.deny_methods':
    case 'local.policy.allow_tools':
    case 'local.policy.deny_tools':
      publish({ kind: 'policy-denied', session, rule: limit, detail });
      return;
    case undefined:
    default:
  }
}

/** Writes a message to the client; one that does not read stops the gateway's side, not our memory. */
export function deliver(context: SessionContext, message: Buffer): void {
  context.door.deliver(onOneLine(message));
  if (context.door.isCongested) context.lanes.pause();
}
