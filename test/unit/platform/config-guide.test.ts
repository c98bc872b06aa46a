import { describe, expect, it } from 'vitest';

import { judge, problemLines } from './config-text';
import { guideFragments } from './guide-fragments';

const ADDRESS = '  url: wss://gateway.example.com:8443/\n';

/** The fragment over the smallest configuration: its `gateway` section gets the address. */
function overMinimal(fragment: string): string {
  return fragment.includes('gateway:\n')
    ? fragment.replace('gateway:\n', `gateway:\n${ADDRESS}`)
    : `gateway:\n${ADDRESS}${fragment}`;
}

const answers: Readonly<Record<string, readonly string[]>> = {
  'Token Management, never': ['error 6 gateway.auth.token: "token" would hold the secret itself'],
  'Token Management, option 1': [],
  'Token Management, option 2': [],
  'OAuth2 Security': [],
  'mTLS Configuration': [],
  'Enforce Strong TLS': [],
  'Certificate Pinning': [],
  'Resource Limits': [],
  'Log Sanitization': [
    'warning 10 advanced.debug.log_frames: is not available in this version, so it is off',
  ],
  'Audit Logging': ['error 5 logging.audit: is not available in this version; remove it'],
  'Regulatory Compliance': [
    'error 6 logging.pii_sanitization: is not available in this version; remove it',
    'error 7 logging.exclude_bodies: is not available in this version; remove it',
    'warning 11 advanced.compliance.fips_mode: nothing connects unless this program runs with its cryptography in FIPS mode',
    'error 12 advanced.compliance.audit_all: is not available in this version; remove it',
  ],
};

describe('the fragments of the security guide', () => {
  it.each(Object.entries(guideFragments))('%s gets a clear answer', (heading, fragment) => {
    const expected = answers[heading] ?? ['no answer is written down'];
    const loaded = judge(overMinimal(fragment));
    const lines = problemLines(loaded);
    expect(lines.map((line, index) => line.slice(0, expected[index]?.length))).toEqual(expected);
    expect(loaded.kind).toBe(lines.some((line) => line.startsWith('error')) ? 'invalid' : 'valid');
    expect(lines.join()).not.toContain('sk-1234567890abcdef');
  });
});
