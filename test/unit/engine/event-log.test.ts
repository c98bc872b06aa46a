import { describe, expect, it } from 'vitest';

import { logEvent } from '../../../src/main/engine/observe/event-log';
import type { LogFields, Logger } from '../../../src/main/engine/ports';
import { errorTable, type ErrorCode } from '../../../src/shared/model/errors';
import { sampleEvents } from '../../support/sample-events';
import type { RouterFact } from '../../../src/shared/model/events';

interface Logged {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

function log(fact: RouterFact): Logged {
  const lines: Logged[] = [];
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields });
    };
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  logEvent(logger, { ...fact, sequence: 1, at: 0 });
  expect(lines).toHaveLength(1);
  const [line] = lines;
  if (line === undefined) throw new Error('nothing was logged');
  return line;
}

/** The line as the guide's `grep` sees it. */
const grepped = (fact: RouterFact): string => {
  const { message, fields } = log(fact);
  return JSON.stringify({ message, ...fields });
};

describe('the guide finds', () => {
  const CREDENTIAL_CODES = Object.keys(errorTable).filter((code): code is ErrorCode =>
    /^(auth-failed|credential-|keychain-)/.test(code),
  );

  it.each(CREDENTIAL_CODES)('%s with grep "auth.*fail"', (code) => {
    const fact: RouterFact = { kind: 'auth-failed', lane: 'keeper', code, detail: '' };
    expect(grepped(fact)).toMatch(/auth.*fail/);
    expect(log(fact).level).toBe('error');
  });

  it.each(['local.rate_limit', 'local.max_concurrent_requests'] as const)(
    '%s with grep "rate limit"',
    (limit) => {
      const fact: RouterFact = { kind: 'rate-limited', session: 's', limit, retryAfterMs: 5 };
      expect(grepped(fact)).toMatch(/rate limit/);
    },
  );

  it('nothing of the kind in what is about something else', () => {
    const fact: RouterFact = { kind: 'connection-failed', lane: 'keeper', code: 'gateway-lost', detail: '' };
    expect(grepped(fact)).not.toMatch(/auth.*fail|rate limit/);
  });
});

describe('every event', () => {
  it.each(sampleEvents.map((event) => [event.kind, event] as const))(
    '%s is one line with its kind, and flat fields',
    (kind, event) => {
      const { message, fields } = log(event);
      expect(message).not.toMatch(/[\r\n]/);
      expect(fields['event']).toBe(kind);
      for (const value of Object.values(fields)) expect(typeof value).not.toBe('object');
    },
  );
});
