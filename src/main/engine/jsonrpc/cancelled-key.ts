import { memberOf } from './members';
import { readId, type Message } from './scan';

/** The key of the request that a `notifications/cancelled` names; undefined for any other message. */
export function cancelledKey(message: Message): string | undefined {
  if (message.kind !== 'notification' || message.method !== 'notifications/cancelled') return undefined;
  const value = memberOf(message.bytes, message.params, 'requestId');
  const id = value === undefined ? null : readId(message.bytes, value);
  return id === null || id === 'invalid' ? undefined : id.key;
}
