/** Encoded forms of very short values would match by accident everywhere. */
const MIN_ENCODED_LENGTH = 4;
/** Of JSON in JSON in JSON in JSON. */
const MAX_BACKSLASHES = 15;

/** Finds one secret in the texts in which it shows up: URLs, headers, JSON, pages and other logs. */
export interface SecretForms {
  /** What stands in every form as it is, a form each: where there is none of it, {@link pattern} need not be tried. */
  readonly cores: readonly string[];
  /**
   * Escapes are met character by character, because every encoder chooses for itself what it escapes, and texts lie in
   * texts. Slow.
   */
  readonly pattern: string;
}

/** The forms of a value. */
export function formsOf(value: string): SecretForms {
  if (value.length < MIN_ENCODED_LENGTH) return { cores: [value], pattern: literally(value) };
  const bytes = Buffer.from(value, 'utf8');
  // RFC 6749 section 2.3.1 encodes for a form before it encodes in base64.
  const form = Buffer.from(encodedForUrl(value).replaceAll('%20', '+'), 'latin1');
  const hex = bytes.toString('hex');
  const forms = [value, ...base64Forms(bytes), ...base64Forms(form), hex, hex.toUpperCase()];
  return {
    cores: [...new Set(forms.map(longestPlainRun))],
    pattern: [...new Set(forms)].map(escaped).join('|'),
  };
}

/** Letters and digits in a row, which nobody escapes; empty where there are none. */
function longestPlainRun(text: string): string {
  const runs = text.match(/[A-Za-z0-9]+/g) ?? [];
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}

/** A pattern of the text itself. */
export function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** A pattern of the text, whichever of its characters are escaped in whatever way. */
function escaped(text: string): string {
  return Array.from(text, (character) =>
    /[A-Za-z0-9]/.test(character) ? character : `(?:${waysToWrite(character).join('|')})`,
  ).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};
const CONTROLS: Readonly<Record<string, string>> = { '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't' };

function waysToWrite(character: string): readonly string[] {
  const bytes = Array.from(Buffer.from(character, 'utf8'));
  const point = character.codePointAt(0) ?? 0;
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const slashes = `\\\\{1,${String(MAX_BACKSLASHES + 1)}}`;
  const control = CONTROLS[character];
  const entity = ENTITIES[character];
  return [
    // A backslash is written as two, four, eight; others may have some in front.
    character === '\\' ? slashes : `\\\\{0,${String(MAX_BACKSLASHES)}}${literally(character)}`,
    ...(control === undefined ? [] : [`${slashes}${control}`]),
    units.map((unit) => `${slashes}u${anyCase(unit.toString(16).padStart(4, '0'))}`).join(''),
    // Percent signs may be escaped themselves.
    bytes.map((byte) => `%(?:25){0,2}${anyCase(byte.toString(16).padStart(2, '0'))}`).join(''),
    ...(character === ' ' ? ['\\+'] : []),
    ...(entity === undefined ? [] : [`&(?:amp;){0,2}${entity};`]),
    `&(?:amp;){0,2}#(?:0{0,5}${String(point)}|[xX]0{0,5}${anyCase(point.toString(16))});`,
    // What is UTF-8 is often read byte by byte, as in headers.
    ...(bytes.length > 1 ? [literally(Buffer.from(bytes).toString('latin1'))] : []),
  ];
}

const anyCase = (hex: string): string => hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

/** Through bytes, because encodeURIComponent throws at half a surrogate pair. */
function encodedForUrl(value: string): string {
  return encodeURIComponent(Buffer.from(value, 'utf8').toString('utf8'));
}

/**
 * Base64 of the bytes alone, padded or not, in both alphabets, and the part that shows when they stand at any offset of
 * a longer text, as behind the user name of a Basic header.
 */
function base64Forms(bytes: Buffer): readonly string[] {
  const whole = bytes.toString('base64');
  const inner = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const start = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    return encoded.slice(start, end);
  });
  return [whole, whole.replace(/=+$/, ''), ...inner].flatMap((form) => [
    form,
    form.replaceAll('+', '-').replaceAll('/', '_'),
  ]);
}
