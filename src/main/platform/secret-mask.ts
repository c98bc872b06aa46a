import type { SecretMask } from '../engine/ports';

/** What stands in place of a secret. */
export const MASKED = '[masked]';

/** How much is masked: each value alone, or also the forms that it takes in other texts. */
export type MaskReach = 'value' | 'every-form';

/** A mask that can also be applied. */
export interface LogMask extends SecretMask {
  /** The text with every remembered secret replaced by {@link MASKED}. */
  apply(text: string, reach: MaskReach): string;
}

/** Encoded forms of very short values would match by accident everywhere. */
const MIN_ENCODED_LENGTH = 4;

/** Creates an empty mask. It only grows: what was once secret stays secret. */
export function createSecretMask(): LogMask {
  const values = new Set<string>();
  let plain: RegExp | null = null;
  let every: RegExp | null = null;
  return {
    add: (value) => {
      if (value === '' || values.has(value)) return;
      values.add(value);
      plain = patternOf([...values]);
      every = patternOf([...values].flatMap(formsOf));
    },
    apply: (text, reach) => {
      const pattern = reach === 'every-form' ? every : plain;
      return pattern === null ? text : text.replace(pattern, MASKED);
    },
  };
}

/** The texts in which a secret shows up in URLs, headers, JSON and other logs. */
function formsOf(value: string): readonly string[] {
  if (value.length < MIN_ENCODED_LENGTH) return [value];
  const json = JSON.stringify(value).slice(1, -1);
  const url = encodedForUrl(value);
  return [
    value,
    json,
    json.replaceAll('/', '\\/'),
    url,
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    url.replaceAll('%20', '+'),
    ...base64Forms(value),
  ];
}

/** Through bytes, because encodeURIComponent throws at half a surrogate pair. */
function encodedForUrl(value: string): string {
  return encodeURIComponent(Buffer.from(value, 'utf8').toString('utf8'));
}

/**
 * Base64 of the value alone, padded or not, in both alphabets, and the part that shows when the value stands at any
 * offset of a longer text, as behind the user name of a Basic header.
 */
function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8');
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

function patternOf(forms: readonly string[]): RegExp {
  const longestFirst = [...new Set(forms)].filter((form) => form !== '').sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map(escapedForPattern).join('|'), 'g');
}

function escapedForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
