import { memberOf } from '../jsonrpc/members';
import { readId, type RequestMessage } from '../jsonrpc/scan';

const PROGRESS_TOKEN = Buffer.from('"progressToken"');

/** The key of `params._meta.progressToken` (MCP: progress), or null. */
export function progressKeyOf(message: RequestMessage): string | null {
  if (!message.bytes.includes(PROGRESS_TOKEN)) return null;
  const meta = memberOf(message.bytes, message.params, '_meta');
  const value = memberOf(message.bytes, meta, 'progressToken');
  const token = value === undefined ? null : readId(message.bytes, value);
  return token === null || token === 'invalid' ? null : token.key;
}
