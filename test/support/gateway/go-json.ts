import { isJsonObject } from './json';

/**
 * Writes a value as Go's encoding/json does: sorted keys, every number a float64, and `<`, `>`, `&`, U+2028 and
 * U+2029 escaped (gateway-protocol 1.5, "JSON fidelity").
 */
export function goJson(value: unknown): string {
  if (typeof value === 'string') return goString(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  if (!isJsonObject(value)) return value === undefined ? 'null' : JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, member]) => `${goString(name)}:${goJson(member)}`);
  return `{${members.join(',')}}`;
}

function goString(text: string): string {
  const wellFormed = text.replace(/\p{Surrogate}/gu, '\ufffd');
  return JSON.stringify(wellFormed).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The name that Go's decoder gives to the type of a value. */
export function goTypeName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

/** The text of Go's decoder for something that is not JSON; what it was looking for is simplified. */
export function goSyntaxError(text: string): string {
  const message = syntaxMessage(text);
  const place = /position (\d+)/.exec(message)?.[1];
  const character = /token '(.)'/su.exec(message)?.[1] ?? text.charAt(Number(place ?? text.length));
  return character === '' || message.startsWith('Unterminated')
    ? 'unexpected end of JSON input'
    : `invalid character '${character}' looking for beginning of value`;
}

function syntaxMessage(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}
