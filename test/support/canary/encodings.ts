import type { Mark } from './canary';

/** A form that a mark takes, as latin1 text, so that any bytes can be searched as text. */
export interface Form {
  readonly mark: string;
  readonly encoding: string;
  readonly text: string;
}

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const reversed = (text: string): string => Array.from(text).reverse().join('');

/** Every form of a mark that is looked for, each once. */
export function formsOf({ name, bytes }: Mark): readonly Form[] {
  const forms = new Map<string, Form>();
  const add = (encoding: string, text: string): void => {
    if (!forms.has(text)) forms.set(text, { mark: name, encoding, text });
  };
  for (const [written, text] of writtenForms(bytes)) {
    add(written, text);
    for (const [packed, packedText] of packedForms(bytesOf(text))) add(`${packed} of ${written}`, packedText);
  }
  add('reversed', reversed(bytes.toString('latin1')));
  return [...forms.values()];
}

/** Ways to write a text into another one. */
function writtenForms(bytes: Buffer): readonly (readonly [string, string])[] {
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(bytes);
  if (!isText) return [['plain', bytes.toString('latin1')]];
  const json = JSON.stringify(text).slice(1, -1);
  const url = encodeURIComponent(text);
  const form = new URLSearchParams({ x: text }).toString().slice(2);
  const lower = (encoded: string): string => encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [
    ['plain', latin1(text)],
    ['JSON', latin1(json)],
    ['JSON with \\/', latin1(json.replaceAll('/', '\\/'))],
    ['JSON in JSON', latin1(JSON.stringify(json).slice(1, -1))],
    ['URL', url],
    ['url', lower(url)],
    ['form', form],
    ['form, small', lower(form)],
    ['HTML', latin1(html(text))],
    ['UTF-16LE', Buffer.from(text, 'utf16le').toString('latin1')],
    ['UTF-16BE', Buffer.from(text, 'utf16le').swap16().toString('latin1')],
    ['hex', bytes.toString('hex')],
  ];
}

/** Ways to turn bytes into other characters altogether. */
function packedForms(bytes: Buffer): readonly (readonly [string, string])[] {
  const hex = bytes.toString('hex');
  return [
    ...[0, 1, 2].flatMap((offset) => {
      const inner = base64At(bytes, offset);
      const safe = inner.replaceAll('+', '-').replaceAll('/', '_');
      return [['base64', inner] as const, ['base64url', safe] as const];
    }),
    ['hex', hex],
    ['HEX', hex.toUpperCase()],
  ];
}

/** The characters of base64 that the bytes alone decide when they stand at this offset of a group of three. */
function base64At(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

const entities: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};
const characters = Object.fromEntries(Object.entries(entities).map(([character, name]) => [name, character]));

const html = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&${entities[character] ?? ''};`);

/** The same bytes read in another way. */
export interface View {
  readonly name: string;
  readonly text: string;
}

const MAX_ROUNDS = 3;
const ESCAPES =
  /%([0-9a-f]{2})|\\u([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}|\\x([0-9a-f]{2})|\\(["'\\/])|&#x([0-9a-f]{1,6});|&#(\d{1,7});|&(amp|lt|gt|quot|apos);/gi;

/**
 * The bytes as they are, with escapes resolved (whichever an encoder chose to write, up to three layers of them), without
 * what stands between the characters of wrapped or separated encodings, and without the zeros of UTF-16.
 */
export function* viewsOf(bytes: Buffer): Generator<View> {
  const raw = bytes.toString('latin1');
  yield { name: 'as it is', text: raw };
  let text = raw;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const resolved = withoutEscapes(text);
    if (resolved === text) break;
    text = resolved;
    yield { name: 'escapes resolved', text };
  }
  if (raw.includes('\0')) yield { name: 'without zeros', text: withoutEscapes(raw.replaceAll('\0', '')) };
  yield { name: 'lines joined', text: raw.replace(/(?:\\[nrt]|\s)+/g, '') };
  const hex = pairsJoined(raw);
  if (hex !== '') yield { name: 'bytes joined', text: hex };
  const numbers = numbersJoined(raw);
  if (numbers !== '') yield { name: 'a list of numbers', text: numbers };
}

function withoutEscapes(text: string): string {
  return text.replace(ESCAPES, (whole: string, ...groups: readonly (string | undefined)[]) => {
    const [percent, unicode, braces, byte, quoted, hexEntity, entity, named] = groups;
    if (quoted !== undefined) return quoted;
    if (named !== undefined) return characters[named.toLowerCase()] ?? whole;
    if (percent !== undefined || byte !== undefined)
      return String.fromCharCode(parseInt(percent ?? byte ?? '', 16));
    const point = entity === undefined ? parseInt(unicode ?? braces ?? hexEntity ?? '', 16) : Number(entity);
    return point > 0x10ffff ? whole : latin1(String.fromCodePoint(point));
  });
}

/** Bytes in hex with something between them, as in a dump: `63 4e 34`, `63:4E:34`, `0x63, 0x4e`. */
function pairsJoined(text: string): string {
  const runs = text.match(/(?:\b(?:0x)?[0-9a-f]{2}[\s:,-]{1,2}){8,}[0-9a-f]{2}/gi) ?? [];
  return runs.map((run) => run.replace(/0x|[^0-9a-f]/gi, '').toLowerCase()).join('\n');
}

/** Bytes as a list of numbers, as `JSON.stringify` writes a buffer. */
function numbersJoined(text: string): string {
  const runs = text.match(/(?:\b\d{1,3}\s*,\s*){8,}\d{1,3}\b/g) ?? [];
  return runs.map((run) => Buffer.from(run.split(',').map(Number)).toString('latin1')).join('\n');
}
