import { decodeString, insideQuotes, isString, memberOf } from '../jsonrpc/members';
import type { RequestMessage } from '../jsonrpc/scan';

/** A client's name is its own claim; a long one is cut for the people who read it. */
const MAX_NAME_LENGTH = 80;

/** What the client calls itself in this `initialize`, fit to be shown; empty when it says nothing. */
export function claimedName({ bytes, params }: RequestMessage): string {
  const name = memberOf(bytes, memberOf(bytes, params, 'clientInfo'), 'name');
  if (name === undefined || !isString(bytes, name)) return '';
  // Control characters of a claimed name must not reach a log or a screen.
  const printable = decodeString(bytes, insideQuotes(name)).replace(/\p{C}/gu, '');
  // The cut may fall into a pair of surrogates.
  return printable
    .slice(0, MAX_NAME_LENGTH)
    .replace(/\p{Surrogate}$/u, '')
    .trim();
}
