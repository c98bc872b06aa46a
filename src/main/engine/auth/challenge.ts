import type { IncomingHttpHeaders } from 'node:http';

import { RouterError } from '../../../shared/model/errors';

/** RFC 6749 section 3.3. What is longer is no name that a person could make sense of. */
const SCOPE_SHAPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;
const MAX_SCOPES = 20;

/** One parameter of a challenge (RFC 9110 section 11.6.1); null where it is not there. */
export function challengeParameter(challenge: string, name: string): string | null {
  const found = new RegExp(`(?:^|[\\s,])${name}=(?:"([^"]*)"|([^\\s,"]+))`, 'i').exec(challenge);
  return found?.[1] ?? found?.[2] ?? null;
}

/** The scopes that an answer of status 403 asks for (RFC 6750 section 3.1); none where that is not what it is about. */
export function missingScopes(headers: IncomingHttpHeaders): readonly string[] {
  const challenge = headers['www-authenticate'] ?? '';
  if (challengeParameter(challenge, 'error') !== 'insufficient_scope') return [];
  const scopes = scopesIn(challengeParameter(challenge, 'scope') ?? '');
  return scopes.length <= MAX_SCOPES && scopes.every((scope) => SCOPE_SHAPE.test(scope)) ? scopes : [];
}

/** The names in a text with spaces. */
export const scopesIn = (text: string): readonly string[] => text.split(/ +/).filter((scope) => scope !== '');

/** Both, each name once, in a stable order. */
export const unionOfScopes = (text: string, more: readonly string[]): string =>
  [...new Set([...scopesIn(text), ...more])].join(' ');

/** What is missing, for a person. */
export const scopesWanted = (scopes: readonly string[]): string =>
  `the server wants the scope "${scopes.join(' ')}"`;

/** Only this one request failed: the credential is good, but not for it. */
export class ScopeMissingError extends RouterError {
  readonly concerns = 'one-request';
}
