import type { AuditedRequest } from '../../../shared/model/events';
import { passedMs } from '../../../shared/model/passed-time';
import { toolName as nameOfTool } from '../guard/method-policy';
import type { Refusal } from '../jsonrpc/message';
import type { RequestMessage } from '../jsonrpc/scan';

import type { PendingLane, PendingRequest } from './pending';
import { refuse, type SessionContext } from './session-context';

/** Refuses a request that was not accepted. */
export function turnAway(context: SessionContext, message: RequestMessage, refusal: Refusal): void {
  const idText = message.bytes.subarray(message.id.text.start, message.id.text.end);
  refuse(context, idText, refusal, context.guard.audits ? { audited: auditedMessage(message) } : {});
}

function auditedMessage(message: RequestMessage): AuditedRequest {
  const { bytes, id, method } = message;
  const idText = bytes.toString('utf8', id.text.start, id.text.end);
  return { id: idText, method, tool: toolOf(message), bytes: bytes.length, durationMs: 0 };
}

/** The tool that a call names; null for other requests, and where it cannot be told for certain. */
export function toolOf(message: RequestMessage): string | null {
  return message.method.endsWith('tools/call') ? (nameOfTool(message) ?? null) : null;
}

/** What the audit trail says about a request that was accepted; nothing when requests were not recorded then. */
export function auditedRequest<Lane extends PendingLane>(
  { idText, method, toolName: tool, requestBytes: bytes, acceptedAt }: PendingRequest<Lane>,
  { ports }: Pick<SessionContext, 'ports'>,
): { readonly audited?: AuditedRequest } {
  if (tool === undefined) return {};
  return {
    audited: {
      id: idText.toString('utf8'),
      method,
      tool,
      bytes,
      durationMs: passedMs(acceptedAt, ports.clock.now()),
    },
  };
}
