import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  contentSecurityPolicy,
  createAppProtocol,
  resolvePageRequest,
  withStyleNonce,
} from '../../../src/main/app-protocol';

const root = join(sep, 'app', 'out', 'renderer');
const get = (url: string): ReturnType<typeof resolvePageRequest> =>
  resolvePageRequest({ method: 'GET', url }, root);

describe('resolvePageRequest', () => {
  it.each([
    ['app://router/index.html', 'index.html', 'text/html; charset=utf-8'],
    ['app://router/assets/index-B4_x-1.js', 'assets/index-B4_x-1.js', 'text/javascript; charset=utf-8'],
    ['app://router/assets/a.css?v=1#top', 'assets/a.css', 'text/css; charset=utf-8'],
    ['app://router/assets/connected.svg', 'assets/connected.svg', 'image/svg+xml'],
  ])('serves %s', (url, file, contentType) => {
    expect(get(url)).toEqual({ kind: 'file', path: join(root, file), contentType });
  });

  it.each([
    'app://router/../main/index.js',
    'app://router/assets/../../main/index.js',
    'app://router/..%2fmain/index.js',
    'app://router/%2e%2e/main/index.js',
    'app://router/%252e%252e/main/index.js',
    'app://router/..\\main\\index.js',
    'app://router/assets%5c..%5c..%5cmain.js',
    'app://router//etc/passwd.html',
    'app://router/C:/windows/win.html',
    'app://router/.git/config.html',
    'app://router/assets/.hidden.js',
    'app://router/index.html%00.js',
    'app://router/index.html\0.js',
    'app://router/index.html ',
    'app://router/',
    'app://router',
    'app://router.evil/index.html',
    'app://evil/index.html',
    'app://user@router/index.html',
    'file:///etc/passwd',
    'https://router/index.html',
    '',
  ])('refuses %s', (url) => {
    expect(get(url)).toEqual({ kind: 'refused', status: 403 });
  });

  it('knows only the kinds of file that the build makes', () => {
    expect(get('app://router/package.json')).toEqual({ kind: 'refused', status: 404 });
    expect(get('app://router/assets/app.js.map')).toEqual({ kind: 'refused', status: 404 });
  });

  it('only answers GET', () => {
    const post = { method: 'POST', url: 'app://router/index.html' };
    expect(resolvePageRequest(post, root)).toEqual({ kind: 'refused', status: 405 });
  });

  it('never leaves the folder, whatever is asked', () => {
    const piece = fc.constantFrom(
      '/',
      '..',
      '.',
      '%2e',
      '%2f',
      '\\',
      'a',
      'index',
      '.html',
      '.js',
      '?',
      '#',
      ':',
      '\0',
    );
    const path = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(path, (text) => {
        const found = get(`app://router/${text}`);
        return found.kind === 'refused' || (found.path.startsWith(root + sep) && !found.path.includes('..'));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('contentSecurityPolicy', () => {
  const policy = contentSecurityPolicy('n0nce');

  it('starts from nothing and opens only what the page needs', () => {
    const parts = policy.split('; ').map((part) => part.split(' '));
    const directives = Object.fromEntries(parts.map(([name = '', ...values]) => [name, values]));
    expect(directives).toEqual({
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'style-src': ["'self'", "'nonce-n0nce'"],
      'img-src': ["'self'"],
      'connect-src': ["'none'"],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
    });
  });

  it.each(['unsafe-inline', 'unsafe-eval', 'http', 'ws:', 'data:', 'blob:', '*'])('never says %s', (word) => {
    expect(policy).not.toContain(word);
  });
});

describe('createAppProtocol', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'page-'));
    writeFileSync(join(folder, 'index.html'), '<meta nonce="{{style-nonce}}"><title>x</title>');
    writeFileSync(join(folder, 'a.js'), 'const x = "{{style-nonce}}"');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const ask = async (url: string): Promise<Response> =>
    createAppProtocol({ root: folder, readFile })(new Request(url));

  it('serves the page with a nonce of its own for each load', async () => {
    const loads = await Promise.all([ask('app://router/index.html'), ask('app://router/index.html')]);
    const nonces = await Promise.all(
      loads.map(async (response) => {
        const nonce = /nonce="([^"]+)"/.exec(await response.text())?.[1] ?? '';
        expect(response.headers.get('Content-Security-Policy')).toContain(`'nonce-${nonce}'`);
        expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
        return nonce;
      }),
    );
    expect(nonces[0]).toMatch(/^[A-Za-z0-9+/]{24}$/);
    expect(nonces[0]).not.toBe(nonces[1]);
  });

  it('leaves other files as they are', async () => {
    const response = await ask('app://router/a.js');
    expect(await response.text()).toBe('const x = "{{style-nonce}}"');
    expect(response.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8');
  });

  it('answers with a status and no body where there is nothing', async () => {
    const missing = await ask('app://router/missing.js');
    expect([missing.status, await missing.text()]).toEqual([404, '']);
    const outside = await ask('app://router/..%2fx.js');
    expect(outside.status).toBe(403);
  });
});

describe('withStyleNonce', () => {
  it('fills every place', () => {
    expect(withStyleNonce('{{style-nonce}} {{style-nonce}}', 'n')).toBe('n n');
  });
});
