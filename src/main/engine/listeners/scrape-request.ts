import { isLoopbackHost } from '../../../shared/model/no-proxy';

/** What decides about a request for metrics. */
export interface ScrapeRequest {
  readonly method: string;
  /** As sent, with the query. */
  readonly target: string;
  readonly host: string | undefined;
  readonly hasBody: boolean;
}

/** Who may ask. */
export interface ScrapeRules {
  /** Only programs on this machine can reach the address: no other name leads to it but by a trick of DNS. */
  readonly isLocal: boolean;
  readonly isAuthorized: boolean;
}

/** What to answer. */
export type ScrapeVerdict =
  | { readonly kind: 'metrics' }
  | { readonly kind: 'health' }
  | { readonly kind: 'refused'; readonly httpStatus: 401 | 403 | 404 | 405 | 413; readonly text: string };

/** Judges a request; everything that is not asked for rightly is refused. */
export function judgeScrape(request: ScrapeRequest, rules: ScrapeRules): ScrapeVerdict {
  // DNS rebinding: a page in a browser gets here under a name of its own, and that name is in the header.
  if (rules.isLocal && !isLocalName(request.host)) return refused(403, 'this host name is not accepted');
  if (request.method !== 'GET' && request.method !== 'HEAD') return refused(405, 'only GET and HEAD');
  if (request.hasBody) return refused(413, 'no body is accepted');
  if (!rules.isAuthorized) return refused(401, 'a valid bearer token is needed');
  switch (request.target.replace(/\?.*$/s, '')) {
    case '/metrics':
      return { kind: 'metrics' };
    case '/health':
      return { kind: 'health' };
    default:
      return refused(404, 'there are /metrics and /health');
  }
}

const refused = (
  httpStatus: Extract<ScrapeVerdict, { kind: 'refused' }>['httpStatus'],
  text: string,
): ScrapeVerdict => ({ kind: 'refused', httpStatus, text });

/** Any port: it may be forwarded. */
function isLocalName(host: string | undefined): boolean {
  const name = /^(\[[\da-f:.]+\]|[a-z\d.-]+)(:\d{1,5})?$/i.exec(host ?? '')?.[1];
  return name !== undefined && isLoopbackHost(name);
}
