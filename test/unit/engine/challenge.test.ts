import { describe, expect, it } from 'vitest';

import { challengeParameter, missingScopes, unionOfScopes } from '../../../src/main/engine/auth/challenge';

const missing = (challenge: string): readonly string[] => missingScopes({ 'www-authenticate': challenge });

describe('a challenge', () => {
  it.each([
    ['Bearer error="insufficient_scope", scope="a b"', ['a', 'b']],
    ['Bearer scope="a", error=insufficient_scope', ['a']],
    ['Basic realm="x", Bearer error="insufficient_scope",scope="a"', ['a']],
    ['Bearer error="insufficient_scope"', []],
    ['Bearer error="invalid_token", scope="a"', []],
    ['Bearer x_error="insufficient_scope", scope="a"', []],
    ['Bearer error="insufficient_scope", scope="a \u0007"', []],
    ['Bearer error="insufficient_scope", scope="a\\b"', []],
    ['', []],
  ])('%s asks for %j', (challenge, scopes) => {
    expect(missing(challenge)).toEqual(scopes);
  });

  it('with more names, or longer ones, than a person would read is not followed', () => {
    const with20 = Array.from({ length: 20 }, (_, index) => `s${String(index)}`);
    const error = 'Bearer error="insufficient_scope"';
    expect(missing(`${error}, scope="${with20.join(' ')}"`)).toEqual(with20);
    expect(missing(`${error}, scope="${[...with20, 's'].join(' ')}"`)).toEqual([]);
    expect(missing(`${error}, scope="${'s'.repeat(128)}"`)).toHaveLength(1);
    expect(missing(`${error}, scope="${'s'.repeat(129)}"`)).toEqual([]);
  });

  it('gives parameters with and without quotes', () => {
    expect(challengeParameter('Bearer resource_metadata="https://a/b", x=y', 'resource_metadata')).toBe(
      'https://a/b',
    );
    expect(challengeParameter('Bearer resource_metadata="https://a/b", x=y', 'x')).toBe('y');
    expect(challengeParameter('Bearer', 'x')).toBeNull();
  });
});

describe('a union of scopes', () => {
  it('names each once, and keeps the order', () => {
    expect(unionOfScopes('b a', ['a', 'c'])).toBe('b a c');
    expect(unionOfScopes('', ['a', 'a'])).toBe('a');
    expect(unionOfScopes('', [])).toBe('');
  });
});
