import { describe, expect, it } from 'vitest';

import { judgeScrape, type ScrapeRequest } from '../../../src/main/engine/listeners/scrape-request';
import { endpointText, labelsProblem, metricsEndpoint } from '../../../src/shared/model/metrics-endpoint';

const good: ScrapeRequest = { method: 'GET', target: '/metrics', host: 'localhost:9091', hasBody: false };
const open = { isLocal: true, isAuthorized: true };
const statusOf = (request: Partial<ScrapeRequest>, rules = open): number | string => {
  const verdict = judgeScrape({ ...good, ...request }, rules);
  return verdict.kind === 'refused' ? verdict.httpStatus : verdict.kind;
};

describe('SEC-91 a request for metrics', () => {
  it.each([
    [{}, 'metrics'],
    [{ method: 'HEAD' }, 'metrics'],
    [{ target: '/health' }, 'health'],
    [{ target: '/metrics?name[]=up' }, 'metrics'],
    [{ method: 'POST' }, 405],
    [{ method: 'OPTIONS' }, 405],
    [{ method: 'get' }, 405],
    [{ hasBody: true }, 413],
    [{ target: '/' }, 404],
    [{ target: '/metrics/' }, 404],
    [{ target: '/../metrics' }, 404],
    [{ target: 'http://localhost:9091/metrics' }, 404],
  ] as const)('%o gets %s', (request, expected) => {
    expect(statusOf(request)).toBe(expected);
  });

  it.each(['localhost', 'LOCALHOST:1', '127.0.0.1:9091', '127.9.9.9', '[::1]:9091', '[::1]'])(
    'under the name %s is answered',
    (host) => {
      expect(statusOf({ host })).toBe('metrics');
    },
  );

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:9091',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    '192.168.1.5:9091',
    '0.0.0.0:9091',
    '[::]',
    'localhost:9091, evil.example',
    'localhost:x',
  ])('under the name %s is refused: a page could have got here by DNS rebinding', (host) => {
    expect(statusOf({ host })).toBe(403);
    expect(statusOf({ host, target: '/health' })).toBe(403);
  });

  it('from other machines may use any name, because it needs the token', () => {
    const remote = { isLocal: false, isAuthorized: true };
    expect(statusOf({ host: 'router.example:9091' }, remote)).toBe('metrics');
    expect(statusOf({ host: 'router.example:9091' }, { ...remote, isAuthorized: false })).toBe(401);
  });

  it('without the token learns nothing, not even which paths there are', () => {
    for (const target of ['/metrics', '/health', '/nothing']) {
      expect(statusOf({ target }, { isLocal: true, isAuthorized: false })).toBe(401);
    }
  });
});

describe('SEC-90 metrics.endpoint', () => {
  it.each([
    ['localhost:9091', '127.0.0.1', 9091, true],
    ['a.localhost:1', '127.0.0.1', 1, true],
    ['127.0.0.2:65535', '127.0.0.2', 65535, true],
    ['[::1]:9091', '::1', 9091, true],
    ['127.0.0.1:0', '127.0.0.1', 0, true],
    [':9091', '', 9091, false],
    ['0.0.0.0:9091', '0.0.0.0', 9091, false],
    ['[::]:9091', '::', 9091, false],
    ['192.168.1.5:9091', '192.168.1.5', 9091, false],
    ['router.example:9091', 'router.example', 9091, false],
    ['localhost.example:9091', 'localhost.example', 9091, false],
  ])('%s is read as %s %i, on this machine alone: %s', (text, host, port, isLocal) => {
    expect(metricsEndpoint(text)).toEqual({ host, port, isLocal });
  });

  it.each([
    '',
    'localhost',
    'localhost:',
    'localhost:65536',
    'http://localhost:9091',
    '::1:9091',
    '[x]:1',
    'a b:1',
  ])('"%s" is no address', (text) => {
    expect(metricsEndpoint(text)).toBeNull();
  });

  it('is shown as it is written', () => {
    expect(endpointText('::1', 9091)).toBe('[::1]:9091');
    expect(endpointText('127.0.0.1', 9091)).toBe('127.0.0.1:9091');
  });
});

describe('metrics.labels', () => {
  const many = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${String(index)}`, 'x']));

  it.each([
    [{ site: 'a', _b2: 'ü"\\' }, null],
    [many(16), null],
    [many(17), /16/],
    [{ a: 'x'.repeat(128) }, null],
    [{ a: 'x'.repeat(129) }, /128/],
    [{ a: 'line\nbreak' }, /control/],
    [{ ['n'.repeat(65)]: 'x' }, /64/],
    [{ '1a': 'x' }, /letters/],
    [{ 'a-b': 'x' }, /letters/],
    [{ __name__: 'x' }, /letters/],
    [{ method: 'x' }, /meaning/],
    [{ le: 'x' }, /meaning/],
  ])('%o', (labels, problem) => {
    if (problem === null) expect(labelsProblem(labels)).toBeNull();
    else expect(labelsProblem(labels)).toMatch(problem);
  });
});
