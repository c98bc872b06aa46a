import { MASKED } from './secret-mask';

/** A shape, and what stands in its place; `$1` is what may stay. */
type Shape = readonly [pattern: RegExp, replacement: string];

/** A quote as it stands in a text, in JSON inside of JSON, and so on. */
const QUOTE = String.raw`(?:\\{0,3}["'])`;
const SECRET_NAMES = [
  '[\\w-]*(?:secret|password|passwd|passphrase)',
  '(?:access|refresh|id|auth|session|device|csrf)[_-]?token',
  'token',
  '(?:x-)?api[_-]?key',
  'private[_-]?key',
  'client[_-]?assertion',
  'code[_-]?verifier',
].join('|');

/**
 * Secrets that are known by their looks alone (issue 5/6, Log sanitising). Each pattern reads a text once and bounds
 * what it repeats, so that a hostile line costs no more than its length. The order counts: whole keys and headers
 * before the words in them.
 */
const shapes: readonly Shape[] = [
  // PEM, also when its line ends are escaped or its end is cut off.
  [/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[^-]*(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----)?/g, MASKED],
  [
    new RegExp(String.raw`\b((?:proxy-)?authorization${QUOTE}?\s*[:=]\s*${QUOTE}?)[^"'\r\n\\,]+`, 'gi'),
    `$1${MASKED}`,
  ],
  [new RegExp(String.raw`\b((?:set-)?cookie${QUOTE}?\s*[:=]\s*${QUOTE}?)[^"'\r\n\\]+`, 'gi'), `$1${MASKED}`],
  [/\b((?:bearer|basic|dpop)\s+)(?=[\w.~+/-]*[\d.+/_-])[\w.~+/-]{8,}={0,2}/gi, `$1${MASKED}`],
  // user:password@ in an address
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#@"'\\]{0,200}:[^\s/?#@"'\\]{0,500}@/gi, `$1${MASKED}@`],
  // JSON members and parameters of an address or a form with a name that says it
  [new RegExp(String.raw`(${QUOTE}(?:${SECRET_NAMES})${QUOTE}\s*:\s*\\{0,3}")[^"\\]+`, 'gi'), `$1${MASKED}`],
  [new RegExp(String.raw`([?&;](?:${SECRET_NAMES}|code)=)[^&;\s"'\\#]+`, 'gi'), `$1${MASKED}`],
  // JSON Web Tokens
  [/\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*){1,3}/g, MASKED],
  // Keys that begin with the name of who gave them
  [/\b(?:sk|pk|rk)[-_](?:[a-z]+[-_]){0,3}[A-Za-z0-9_-]{16,}/g, MASKED],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,})/g, MASKED],
  [/\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b/g, MASKED],
  [/\b(aws_?secret_?access_?key\W{1,8})[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/gi, `$1${MASKED}`],
  [/\bxox[abeoprs]-[\w-]{10,}/g, MASKED],
  [/\bAIza[\w-]{35}/g, MASKED],
  [/\bya29\.[\w-]{20,}/g, MASKED],
  [/\b(?:npm|hf|pypi|dop_v1|shpat|lin_api|r8|gsk|xai|pplx)[_-][A-Za-z0-9_-]{20,}/g, MASKED],
];

/** The text without what looks like a secret. */
export function withoutTokenShapes(text: string): string {
  let clean = text;
  for (const [pattern, replacement] of shapes) clean = clean.replace(pattern, replacement);
  return clean;
}
