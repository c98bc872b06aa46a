import { describe, expect, it } from 'vitest';

import { dialFailure, upgradeRefusal } from '../../../src/main/engine/gateway/dial-failure';
import { RouterError } from '../../../src/shared/model/errors';

const systemError = (code: string, message = 'text of the peer: Bearer secret'): Error =>
  Object.assign(new Error(message), { code });

describe('dialFailure', () => {
  it.each([
    ['ECONNREFUSED', 'gateway-unreachable', 'nothing listens there'],
    ['ECONNRESET', 'gateway-unreachable', 'the connection was reset'],
    ['ENOTFOUND', 'gateway-unreachable', 'the host name is unknown'],
    ['EAI_AGAIN', 'gateway-unreachable', 'the host name could not be looked up'],
    ['ETIMEDOUT', 'gateway-unreachable', 'no answer'],
    ['EHOSTUNREACH', 'gateway-unreachable', 'there is no route to the host'],
    ['ENETUNREACH', 'gateway-unreachable', 'the network is down'],
    ['EMFILE', 'gateway-unreachable', 'EMFILE'],
    ['HPE_INVALID_CONSTANT', 'gateway-unreachable', 'HPE_INVALID_CONSTANT'],
    ['CERT_HAS_EXPIRED', 'certificate-rejected', 'it has expired'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate-rejected', 'it is self-signed'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate-rejected', 'it was issued for another host'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls-version-rejected', ''],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls-failed', 'ERR_SSL_WRONG_VERSION_NUMBER'],
  ])('%s is %s (%s), and nothing of the message is repeated', (code, failure, detail) => {
    expect(dialFailure(systemError(code))).toEqual({ code: failure, detail });
  });

  it('finds the version behind a code that names nothing', () => {
    expect(dialFailure(systemError('EPROTO', 'ssl routines: unsupported protocol')).code).toBe(
      'tls-version-rejected',
    );
    expect(dialFailure(systemError('EPROTO', 'something else'))).toEqual({
      code: 'tls-failed',
      detail: 'EPROTO',
    });
  });

  it('keeps our own errors', () => {
    expect(dialFailure(new RouterError('credential-missing', 'looked everywhere'))).toEqual({
      code: 'credential-missing',
      detail: 'looked everywhere',
    });
  });

  it('takes the first of several addresses', () => {
    expect(
      dialFailure(new AggregateError([systemError('EHOSTUNREACH'), systemError('ECONNREFUSED')])),
    ).toEqual({
      code: 'gateway-unreachable',
      detail: 'there is no route to the host',
    });
    expect(dialFailure(new AggregateError([])).code).toBe('gateway-unreachable');
  });

  it.each([new TypeError('x is not a function'), new RangeError('oops'), new ReferenceError('y')])(
    'calls our own mistake by its name, without detail: %s',
    (mistake) => {
      expect(dialFailure(mistake)).toEqual({ code: 'internal', detail: '' });
    },
  );

  it.each(['a string', undefined, null, 42, {}])('can be given anything: %s', (thrown) => {
    expect(dialFailure(thrown)).toEqual({ code: 'gateway-unreachable', detail: 'unknown error' });
  });
});

describe('upgradeRefusal', () => {
  it.each([
    [401, 'auth-failed'],
    [403, 'auth-failed'],
    [400, 'gateway-refused'],
    [404, 'gateway-refused'],
    [301, 'gateway-refused'],
    [200, 'gateway-refused'],
    [0, 'gateway-refused'],
    [408, 'gateway-unreachable'],
    [429, 'gateway-busy'],
    [500, 'gateway-unreachable'],
    [503, 'gateway-unreachable'],
  ])('%i is %s', (status, code) => {
    expect(upgradeRefusal(status)).toEqual({ code, detail: `HTTP status ${String(status)}` });
  });

  it('a 503 that says when to come back is busy, not dead', () => {
    expect(upgradeRefusal(503, true).code).toBe('gateway-busy');
    expect(upgradeRefusal(500, true).code).toBe('gateway-unreachable');
  });
});
