import type { RouterConfig } from '../../../shared/model/config';
import type { AuditedRequest, RouterFact } from '../../../shared/model/events';
import type { ErrorCode } from '../../../shared/model/errors';
import type { DoorKind } from '../../../shared/model/status';
import type { ClientLoad } from '../guard/fair-slots';
import type { Guard } from '../guard/guard';
import { errorReply, onOneLine, type Refusal } from '../jsonrpc/message';
import { readId } from '../jsonrpc/scan';
import type { EnginePorts } from '../ports';

import type { Lanes } from './lanes';

/** What a message to the client belongs to, for a door that has more than one way there. Requests are named by their keys. */
export type Belonging =
  | {
      readonly kind: 'reply';
      /** Null where the request has no id that could be read. */
      readonly request: string | null;
      readonly isError: boolean;
      /** The HTTP status that it came with from the other side; undefined for errors of ours as well. */
      readonly status?: number | undefined;
    }
  /** Said by the server; `request` is the one that it is about, where that is known. */
  | { readonly kind: 'question' | 'notification'; readonly request: string | undefined };

/** The client's side of a session, as a listener offers it. */
export interface ClientDoor {
  readonly kind: DoorKind;
  /** Whose token opened it: a name that is proven, not claimed. */
  readonly owner?: string;
  /** Writes one message; never blocks, and never throws when the client is gone. */
  deliver(message: Buffer, belonging: Belonging): void;
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
  const id = idText === null ? null : readId(idText, { start: 0, end: idText.length });
  const request = id === null || id === 'invalid' ? null : id.key;
  deliver(context, errorReply(idText, refusal), { kind: 'reply', request, isError: true });
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
export function deliver(context: SessionContext, message: Buffer, belonging: Belonging): void {
  context.door.deliver(onOneLine(message), belonging);
  if (context.door.isCongested) context.lanes.pause();
}

/** An error that answers no request: this client must not come back by itself. */
export function refuseAttachment(door: ClientDoor, code: ErrorCode): void {
  door.deliver(errorReply(null, { code }), { kind: 'reply', request: null, isError: true });
}
