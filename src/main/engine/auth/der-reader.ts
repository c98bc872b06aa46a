import { RouterError } from '../../../shared/model/errors';

/** One element of DER (X.690): its tag, what it holds, and the whole of it. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

/** More than any certificate or bundle has in one place. */
const MAX_ELEMENTS = 1000;
const LONG_FORM = 0x80;
const MAX_LENGTH_BYTES = 4;

/** The elements that stand one behind the other in these bytes. Throws RouterError client-certificate-unusable. */
export function derElements(bytes: Buffer): readonly DerElement[] {
  const found: DerElement[] = [];
  let at = 0;
  while (at < bytes.length) {
    const one = elementAt(bytes, at);
    found.push(one);
    at += one.whole.length;
    if (found.length > MAX_ELEMENTS) throw notUnderstood();
  }
  return found;
}

/** The element at that place among these, with exactly this tag. */
export function derAt(elements: readonly DerElement[], index: number, tag: number): DerElement {
  const one = elements[index];
  if (one?.tag !== tag) throw notUnderstood();
  return one;
}

/** Definite lengths only: BER's other forms are refused. */
function elementAt(bytes: Buffer, at: number): DerElement {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw notUnderstood();
  const count = first < LONG_FORM ? 0 : first - LONG_FORM;
  if (first === LONG_FORM || count > MAX_LENGTH_BYTES || at + 2 + count > bytes.length) throw notUnderstood();
  const length = count === 0 ? first : bytes.readUIntBE(at + 2, count);
  const begin = at + 2 + count;
  if (begin + length > bytes.length) throw notUnderstood();
  return {
    tag,
    content: bytes.subarray(begin, begin + length),
    whole: bytes.subarray(at, begin + length),
  };
}

/** What it is, a program of now writes it in a form that is read here. */
export const notUnderstood = (): RouterError =>
  new RouterError(
    'client-certificate-unusable',
    'the PKCS#12 bundle is damaged, or in an old form: export it again with AES-256 (openssl pkcs12 -export), or as PEM',
  );
