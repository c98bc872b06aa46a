import { errorPayload, writeEnvelope } from './envelope';
import { errorTexts } from './error-texts';
import type { MessageFault } from './faults';
import { goJson } from './go-json';
import { rawMembers } from './json';

/** A reply before it is put into a frame. */
export interface Reply {
  readonly idText: string;
  readonly payloadText: string;
}

/** A string is a text frame, bytes are a binary frame. */
export type OutboundFrame = string | Buffer;

/** The error text of a fault that stands for a failing backend; null for every other fault. */
export function backendFault(fault: MessageFault | null): string | null {
  switch (fault?.kind) {
    case 'backend-status':
      return errorTexts.backendStatus(fault.status, fault.body ?? '');
    case 'backend-timeout':
      return errorTexts.httpFailed('Post "http://backend/mcp": net/http: timeout awaiting response headers');
    case 'breaker-open':
      return errorTexts.breakerOpen();
    case 'no-healthy-endpoints':
      return errorTexts.noHealthyEndpoints('system');
    default:
      return null;
  }
}

/** The frames that answer one message: one without a fault, more or fewer or odd ones with one. */
export function replyFrames(fault: MessageFault | null, reply: Reply, at: Date): readonly OutboundFrame[] {
  const frame = writeEnvelope(reply.idText, reply.payloadText, at);
  switch (fault?.kind) {
    case 'drop-reply':
      return [];
    case 'duplicate-reply':
      return [frame, frame];
    case 'unknown-id': {
      const idText = fault.idText ?? '"nobody-asked"';
      return [writeEnvelope(idText, `{"jsonrpc":"2.0","result":{},"id":${idText}}`, at), frame];
    }
    case 'null-id-error':
      return [writeEnvelope('null', errorPayload('null', fault.message ?? 'out of order'), at), frame];
    case 'oversized-frame':
      return [padFrame(reply, fault.bytes, at)];
    case 'binary-frame':
      return [Buffer.from(frame)];
    case 'bare-reply':
      return [reply.payloadText];
    case 'broken-envelope':
      return [fault.text ?? frame.slice(0, -1)];
    default:
      return [frame];
  }
}

/** Grows a reply's result by one member until the frame has the wanted size. */
function padFrame(reply: Reply, bytes: number, at: Date): string {
  const result = rawMembers(reply.payloadText).get('result') ?? '{}';
  const withPadding = (padding: string): string => {
    const payload = `{"jsonrpc":"2.0","result":{"padding":${goJson(padding)},"original":${result}},"id":${reply.idText}}`;
    return writeEnvelope(reply.idText, payload, at);
  };
  const missing = bytes - Buffer.byteLength(withPadding(''));
  return withPadding('x'.repeat(Math.max(0, missing)));
}
