const ANNOTATION = 'x-mcp-header';
/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean']);
/** Deeper than any schema that people write; what is below is not looked at. */
const MAX_DEPTH = 32;
/** Keywords with schemas of which nobody knows beforehand whether they count. */
const CONDITIONAL = [
  ...[
    'items',
    'prefixItems',
    'contains',
    'additionalProperties',
    'unevaluatedItems',
    'unevaluatedProperties',
  ],
  ...['propertyNames', 'oneOf', 'anyOf', 'allOf', 'not', 'if', 'then', 'else'],
];
/** The same, with a name for each schema. */
const NAMED = ['$defs', 'definitions', 'patternProperties', 'dependentSchemas'];

/** One argument that is repeated in a header: where it stands, and the header's name. */
export interface ParamHeader {
  readonly path: readonly string[];
  readonly header: string;
}

/** What a tool's schema says about headers. A wrong word makes the tool unusable for clients over HTTP (MCP 2026-07-28). */
export type HeaderAnnotations =
  | { readonly kind: 'valid'; readonly headers: readonly ParamHeader[] }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Reads `x-mcp-header` in the schema of a tool's arguments. */
export function headerAnnotations(inputSchema: unknown): HeaderAnnotations {
  const headers = new Map<string, ParamHeader>();
  const reason = faultIn(inputSchema, { path: [], isCertain: true, depth: 0 }, headers);
  return reason === undefined
    ? { kind: 'valid', headers: [...headers.values()] }
    : { kind: 'invalid', reason };
}

/** By the name in lower case. */
type Found = Map<string, ParamHeader>;

interface Place {
  readonly path: readonly string[];
  /** Only properties of properties lead here. */
  readonly isCertain: boolean;
  readonly depth: number;
}

/** Collects the headers; returns the first thing that is wrong. */
function faultIn(schema: unknown, place: Place, found: Found): string | undefined {
  const own = faultAt(schema, place, found);
  if (own !== undefined || place.depth >= MAX_DEPTH) return own;
  for (const [schemaBelow, placeBelow] of schemasBelow(schema, place)) {
    const fault = faultIn(schemaBelow, placeBelow, found);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultAt(schema: unknown, { path, isCertain }: Place, found: Found): string | undefined {
  const header = field(schema, ANNOTATION);
  if (header === undefined) return undefined;
  if (!isCertain || path.length === 0) return 'a header for what is no plain argument';
  if (typeof header !== 'string' || !TOKEN.test(header)) return 'a name that no header can have';
  if (!TYPES.has(field(schema, 'type'))) return 'a header for what is no text, integer or boolean';
  if (found.has(header.toLowerCase())) return 'one header twice';
  found.set(header.toLowerCase(), { path, header });
  return undefined;
}

function schemasBelow(
  schema: unknown,
  { path, isCertain, depth }: Place,
): readonly (readonly [unknown, Place])[] {
  const inside: Place = { path, isCertain: false, depth: depth + 1 };
  const conditional = [
    ...CONDITIONAL.flatMap((keyword) => [field(schema, keyword)].flat()),
    ...NAMED.flatMap((keyword) => entries(field(schema, keyword)).map(([, below]) => below)),
  ];
  return [
    ...entries(field(schema, 'properties')).map(
      ([key, below]) => [below, { path: [...path, key], isCertain, depth: depth + 1 }] as const,
    ),
    ...conditional.filter(isObject).map((below) => [below, inside] as const),
  ];
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const entries = (value: unknown): readonly [string, unknown][] =>
  isObject(value) ? Object.entries(value) : [];

const field = (value: unknown, name: string): unknown => entries(value).find(([key]) => key === name)?.[1];
