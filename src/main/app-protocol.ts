import { randomBytes } from 'node:crypto';
import { extname, join, sep } from 'node:path';

/** Our own scheme: the page has neither `file://` privileges nor a network origin. */
export const APP_SCHEME = 'app';
/** The only origin that the window may load and that may call us. */
export const APP_ORIGIN = 'app://router';
/** The one page. */
export const APP_PAGE = `${APP_ORIGIN}/index.html`;

/** Stands in index.html where the nonce of this load goes. */
const NONCE_PLACEHOLDER = '{{style-nonce}}';
const NONCE_BYTES = 18;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Plain names only: no percent signs, backslashes, dot segments or hidden files, so nothing is left to decode. */
const plainPath = /^(?:\/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)+$/;

/** What a request of the page comes to. */
export type PageRequest =
  | { readonly kind: 'file'; readonly path: string; readonly contentType: string }
  | { readonly kind: 'refused'; readonly status: 403 | 404 | 405 };

/** Decides which file of `root` a request gets. Reads nothing. */
export function resolvePageRequest(
  request: { readonly method: string; readonly url: string },
  root: string,
): PageRequest {
  if (request.method !== 'GET') return { kind: 'refused', status: 405 };
  if (!request.url.startsWith(`${APP_ORIGIN}/`)) return { kind: 'refused', status: 403 };
  const pathname = request.url.slice(APP_ORIGIN.length).replace(/[?#].*$/s, '');
  if (!plainPath.test(pathname)) return { kind: 'refused', status: 403 };
  const path = join(root, pathname);
  if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) return { kind: 'refused', status: 403 };
  const contentType = contentTypes[extname(path)];
  return contentType === undefined ? { kind: 'refused', status: 404 } : { kind: 'file', path, contentType };
}

/** The policy of one load of the page: our own files, styles by nonce, and no network at all. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Puts the nonce of this load into the page. */
export function withStyleNonce(html: string, nonce: string): string {
  return html.replaceAll(NONCE_PLACEHOLDER, nonce);
}

const headersOf = (contentType: string, nonce: string): Record<string, string> => ({
  'Content-Type': contentType,
  'Content-Security-Policy': contentSecurityPolicy(nonce),
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
});

/** Answers the requests of our own scheme from the files in `root`. */
export function createAppProtocol(options: {
  readonly root: string;
  readonly readFile: (path: string) => Promise<Uint8Array>;
}): (request: Request) => Promise<Response> {
  return async (request) => {
    const target = resolvePageRequest(request, options.root);
    if (target.kind === 'refused') return new Response(null, { status: target.status });
    const nonce = randomBytes(NONCE_BYTES).toString('base64');
    let bytes: Uint8Array;
    try {
      bytes = await options.readFile(target.path);
    } catch (error) {
      // Whatever the reason, the page learns nothing about the disk.
      return new Response(null, { status: 404, statusText: error instanceof Error ? error.name : '' });
    }
    const isPage = target.path.endsWith('.html');
    const body = isPage ? withStyleNonce(new TextDecoder().decode(bytes), nonce) : Buffer.from(bytes);
    return new Response(body, { headers: headersOf(target.contentType, nonce) });
  };
}
