import type { ClientDocument, ClientEntry, OpenedDocument, TextEdit } from './client-document';
import { insertProperty, removeProperty, replaceValue, type JsonTarget } from './json-edit';
import {
  isComment,
  keyOf,
  parseJson,
  plainValue,
  propertiesOf,
  tokensBetween,
  valueOf,
  type JsonNode,
  type JsonToken,
} from './json-syntax';
import { BYTE_ORDER_MARK, placeIn } from './text-place';

/** Opens JSON with comments and trailing commas; a blank text counts as an empty object. */
export function openJson(given: string, rootKey: string): OpenedDocument {
  const mark = given.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const text = given.slice(mark.length);
  if (text.trim() === '') return { kind: 'open', document: blankDocument(mark, rootKey) };
  const parsed = parseJson(text);
  if (parsed.kind === 'broken') return broken(text, parsed.offset, parsed.what);
  const { root } = parsed;
  if (root.type !== 'object') return broken(text, root.offset, 'the file must hold an object { ... }');
  const [found, second] = propertiesNamed(root, rootKey);
  if (second !== undefined) return broken(text, second.offset, `"${rootKey}" is there twice`);
  const servers = found === undefined ? undefined : valueOf(found);
  if (servers !== undefined && servers.type !== 'object') {
    return broken(text, servers.offset, `"${rootKey}" must be an object { ... }`);
  }
  const twice = repeatedName(servers);
  if (twice !== null) return broken(text, twice.offset, 'two servers have the same name');
  return { kind: 'open', document: documentOf({ text, root, servers, rootKey }, mark) };
}

function broken(text: string, offset: number, what: string): OpenedDocument {
  return { kind: 'broken', problem: `${placeIn(text, offset)}: ${what}` };
}

function blankDocument(mark: string, rootKey: string): ClientDocument {
  return {
    hasComments: false,
    entries: new Map(),
    names: new Set(),
    outline: () => '[]',
    put: (name, entry) => ({
      kind: 'edited',
      text: `${mark}${JSON.stringify({ [rootKey]: { [name]: entry } }, null, 2)}\n`,
    }),
    remove: () => ({ kind: 'edited', text: mark }),
  };
}

interface JsonParts extends JsonTarget {
  readonly servers: JsonNode | undefined;
  readonly rootKey: string;
}

function documentOf(parts: JsonParts, mark: string): ClientDocument {
  const { text, root, servers, rootKey } = parts;
  const marked = (edited: string): TextEdit => ({ kind: 'edited', text: `${mark}${edited}` });
  const propertyOf = (name: string): JsonNode | undefined => propertiesNamed(servers, name)[0];
  const inserted = (name: string, entry: ClientEntry): string =>
    servers === undefined
      ? insertProperty(parts, root, [rootKey, { [name]: entry }])
      : insertProperty(parts, servers, [name, entry]);
  return {
    hasComments: commentsOf(text).length > 0,
    entries: entriesOf(servers),
    names: new Set(propertiesOf(servers).map(keyOf)),
    outline: (name) => outline(parts, propertyOf(name)),
    put: (name, entry) => {
      const property = propertyOf(name);
      const old = property === undefined ? undefined : valueOf(property);
      return marked(old === undefined ? inserted(name, entry) : replaceValue(parts, old, entry));
    },
    remove: (name) => {
      const property = propertyOf(name);
      const isThere = property !== undefined && servers !== undefined;
      return marked(isThere ? removeProperty(parts, servers, property) : text);
    },
  };
}

/**
 * Keys, order, the exact text of every value, and the comments, without the entry. A root key with nothing else below it
 * does not count, because the first entry brings it along.
 */
function outline({ text, root, servers, rootKey }: JsonParts, entry: JsonNode | undefined): string {
  const isEmptied = propertiesOf(servers).every((server) => server === entry);
  const isLeftOut = (property: JsonNode): boolean =>
    property === entry || (isEmptied && valueOf(property) === servers && keyOf(property) === rootKey);
  const read = (node: JsonNode): unknown => {
    switch (node.type) {
      case 'object':
        return propertiesOf(node)
          .filter((property) => !isLeftOut(property))
          .map((property) => [keyOf(property), (property.children ?? []).slice(1).map(read)]);
      case 'array':
        return { items: (node.children ?? []).map(read) };
      case 'property':
      case 'string':
      case 'number':
      case 'boolean':
      case 'null':
        return text.slice(node.offset, node.offset + node.length);
    }
  };
  const isInside = ({ offset }: JsonToken): boolean =>
    entry !== undefined && offset >= entry.offset && offset < entry.offset + entry.length;
  const remarks = commentsOf(text).filter((comment) => !isInside(comment));
  const values = JSON.stringify(read(root));
  return [values, ...remarks.map((comment) => comment.text)].join('\n');
}

function commentsOf(text: string): readonly JsonToken[] {
  return tokensBetween(text, 0, text.length).filter(isComment);
}

function entriesOf(servers: JsonNode | undefined): ReadonlyMap<string, ClientEntry> {
  const found = propertiesOf(servers).flatMap((property) => {
    const value = valueOf(property);
    return value?.type === 'object' ? [[keyOf(property), membersOf(value)] as const] : [];
  });
  return new Map(found);
}

function membersOf(object: JsonNode): ClientEntry {
  return Object.fromEntries(
    propertiesOf(object).map((property) => {
      const value = valueOf(property);
      return [keyOf(property), value === undefined ? null : plainValue(value)];
    }),
  );
}

function propertiesNamed(object: JsonNode | undefined, key: string): readonly JsonNode[] {
  return propertiesOf(object).filter((property) => keyOf(property) === key);
}

function repeatedName(servers: JsonNode | undefined): JsonNode | null {
  const seen = new Set<string>();
  for (const property of propertiesOf(servers)) {
    if (seen.has(keyOf(property))) return property;
    seen.add(keyOf(property));
  }
  return null;
}
