import {
  createScanner,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';

/** A value, or a property (`children` are key and value), with its place in the text. */
export type JsonNode = Node;

/** The answer of {@link parseJson}. */
export type JsonParse =
  | { readonly kind: 'root'; readonly root: JsonNode }
  | { readonly kind: 'broken'; readonly offset: number; readonly what: string };

/** JSON with comments and trailing commas; anything else that is wrong is an error. */
export function parseJson(text: string): JsonParse {
  const errors: ParseError[] = [];
  try {
    const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
    const [error] = errors;
    if (error !== undefined) return { kind: 'broken', offset: error.offset, what: words(error) };
    return root === undefined ? { kind: 'broken', offset: 0, what: 'no value' } : { kind: 'root', root };
  } catch (error) {
    // The parser calls itself for each level.
    if (error instanceof RangeError) return { kind: 'broken', offset: 0, what: 'nested too deeply' };
    throw error;
  }
}

/** A token with its text; white space is none. */
export interface JsonToken {
  readonly offset: number;
  readonly end: number;
  readonly text: string;
}

/** The tokens from an offset (between two tokens) up to another one, comments included. */
export function tokensBetween(text: string, from: number, to: number): readonly JsonToken[] {
  const scanner = createScanner(text, false);
  scanner.setPosition(from);
  const found: JsonToken[] = [];
  for (;;) {
    scanner.scan();
    const offset = scanner.getTokenOffset();
    const end = offset + scanner.getTokenLength();
    if (offset >= to || end === offset) return found;
    const token = text.slice(offset, end);
    if (token.trim() !== '') found.push({ offset, end, text: token });
  }
}

export const isComment = ({ text }: JsonToken): boolean => text.startsWith('//') || text.startsWith('/*');

/** The properties of an object; of anything else, none. */
export function propertiesOf(node: JsonNode | undefined): readonly JsonNode[] {
  return node?.type === 'object' ? (node.children ?? []) : [];
}

export function keyOf(property: JsonNode): string {
  const key: unknown = property.children?.[0]?.value;
  return typeof key === 'string' ? key : '';
}

export function valueOf(property: JsonNode): JsonNode | undefined {
  return property.children?.[1];
}

/** The value as JavaScript has it. */
export function plainValue(node: JsonNode): unknown {
  const value: unknown = getNodeValue(node);
  return value;
}

/** "CommaExpected" becomes "comma expected". */
function words(error: ParseError): string {
  return printParseErrorCode(error.error)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
}
