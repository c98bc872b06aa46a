import { createHash, timingSafeEqual } from 'node:crypto';

import type { RefusedFor } from '../../../../shared/model/events';
import { isLoopbackHost } from '../../../../shared/model/no-proxy';
import type { TokenHolder } from '../../ports';

/** The head of a request, as far as it decides who gets in. */
export interface RequestHead {
  readonly method: string;
  /** As sent, with the query. */
  readonly target: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
}

/** Who may come in. */
export interface AdmissionRules {
  readonly allowedOrigins: readonly string[];
  readonly holders: readonly TokenHolder[];
}

/** Somebody who may not. `reason` is undefined where nothing was wrong but the question. */
export interface Refused {
  readonly kind: 'refused';
  readonly httpStatus: 401 | 403 | 404 | 405;
  readonly reason?: RefusedFor;
  readonly text: string;
}

/** Somebody who may, by the token that was shown. */
export interface Admitted {
  readonly kind: 'admitted';
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly holder: TokenHolder;
}

export const MCP_PATH = '/mcp';

/** Judges the head of a request before anything of its body is read. */
export function admit(head: RequestHead, rules: AdmissionRules): Admitted | Refused {
  // DNS rebinding: a page in a browser gets here under a name of its own, and that name is in the header.
  if (!isOwnName(head.host)) return refused(403, 'this host name is not accepted', 'host');
  if (head.origin !== undefined && !rules.allowedOrigins.includes(head.origin)) {
    return refused(403, 'web pages are not accepted', 'origin');
  }
  const holder = holderOf(head.authorization, rules.holders);
  if (holder === undefined) return refused(401, 'a valid bearer token is needed', 'token');
  if (head.target.replace(/\?.*$/s, '') !== MCP_PATH) return refused(404, `there is ${MCP_PATH}`);
  switch (head.method) {
    case 'POST':
    case 'GET':
    case 'DELETE':
      return { kind: 'admitted', method: head.method, holder };
    default:
      return refused(405, 'only POST, GET and DELETE');
  }
}

function refused(httpStatus: Refused['httpStatus'], text: string, reason?: RefusedFor): Refused {
  return { kind: 'refused', httpStatus, text, ...(reason === undefined ? {} : { reason }) };
}

/** Any port: it may be forwarded. */
function isOwnName(host: string | undefined): boolean {
  const name = /^(\[[\da-f:.]+\]|[a-z\d.-]+)(:\d{1,5})?$/i.exec(host ?? '')?.[1];
  return name !== undefined && isLoopbackHost(name);
}

/** What is kept of a token. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Whose token it is. All are compared, in constant time each, so that the time says nothing. */
export function holderOf(
  authorization: string | undefined,
  holders: readonly TokenHolder[],
): TokenHolder | undefined {
  const given = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1];
  const hash = Buffer.from(tokenHash(given ?? ''), 'hex');
  let found: TokenHolder | undefined;
  for (const holder of holders) {
    const expected = Buffer.from(holder.tokenHash, 'hex');
    if (expected.length === hash.length && timingSafeEqual(expected, hash)) found = holder;
  }
  return given === undefined ? undefined : found;
}
