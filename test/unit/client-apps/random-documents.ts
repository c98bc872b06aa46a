import fc from 'fast-check';

/** A JSON text of a person: their indentation, line ends, comments, trailing commas and a byte order mark. */
interface Style {
  readonly indent: string | null;
  readonly lineEnd: '\n' | '\r\n';
  readonly hasTrailingCommas: boolean;
  readonly hasMark: boolean;
  readonly hasFinalLineEnd: boolean;
  readonly comments: readonly (string | null)[];
}

const style: fc.Arbitrary<Style> = fc.record({
  indent: fc.constantFrom('  ', '    ', '\t', '', null),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  hasTrailingCommas: fc.boolean(),
  hasMark: fc.boolean(),
  hasFinalLineEnd: fc.boolean(),
  comments: fc.array(fc.constantFrom(null, null, '// a note, with "quotes" {', '/* block ] */'), {
    maxLength: 8,
  }),
});

const key = fc.oneof(
  fc.constantFrom('a', 'command', 'b.c', '', 'ü', '"q"', 'gateway2', '__proto__', 'constructor'),
  fc.string({ maxLength: 6 }),
);
const leaf = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, 'x // no comment', '/* no */', '}', '],', '\\', '\u2028'),
);
/** Objects as lists of pairs, so that order and odd names are theirs. */
type Tree =
  | { readonly kind: 'leaf'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Tree[] }
  | { readonly kind: 'object'; readonly pairs: readonly (readonly [string, Tree])[] };

const tree = fc.letrec<{ tree: Tree; object: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf.map((value): Tree => ({ kind: 'leaf', value })),
    fc.array(tie('tree'), { maxLength: 3 }).map((items): Tree => ({ kind: 'list', items })),
    tie('object'),
  ),
  object: pairsOf(key, tie('tree')),
}));

function pairsOf(names: fc.Arbitrary<string>, values: fc.Arbitrary<Tree>): fc.Arbitrary<Tree> {
  return fc
    .uniqueArray(fc.tuple(names, values), { maxLength: 4, selector: ([name]) => name })
    .map((pairs): Tree => ({ kind: 'object', pairs }));
}

/** A JSON document with other members around `rootKey`, which may be there or not. */
export function jsonText(rootKey: string): fc.Arbitrary<string> {
  const others = pairsOf(
    key.filter((name) => name !== rootKey),
    tree.tree,
  );
  const servers = pairsOf(
    key.filter((name) => name !== 'gateway'),
    tree.object,
  );
  return fc
    .tuple(others, fc.option(servers, { nil: null }), fc.nat(4), style)
    .map(([rest, own, place, how]) => {
      const pairs = rest.kind === 'object' ? [...rest.pairs] : [];
      if (own !== null) pairs.splice(place, 0, [rootKey, own]);
      return print({ kind: 'object', pairs }, how);
    });
}

function print(root: Tree, how: Style): string {
  let used = 0;
  const comment = (depth: number): string => {
    const text = how.comments[used++ % Math.max(how.comments.length, 1)] ?? null;
    if (text === null || how.indent === null) return text?.startsWith('/*') === true ? ` ${text}` : '';
    return used % 2 === 0 ? ` ${text}` : `${line(depth)}${text}`;
  };
  const line = (depth: number): string => (how.indent === null ? '' : how.lineEnd + how.indent.repeat(depth));
  const block = (marks: string, parts: readonly string[], depth: number): string => {
    const [open = '', close = ''] = marks;
    if (parts.length === 0) return `${open}${comment(depth)}${line(depth - 1)}${close}`;
    const body = parts.map((part, index) => {
      const isLast = index === parts.length - 1;
      return `${line(depth)}${part}${isLast && !how.hasTrailingCommas ? '' : ','}${comment(depth)}`;
    });
    return `${open}${body.join('')}${line(depth - 1)}${close}`;
  };
  const write = (node: Tree, depth: number): string => {
    if (node.kind === 'leaf') return JSON.stringify(node.value);
    if (node.kind === 'list')
      return block(
        '[]',
        node.items.map((item) => write(item, depth + 1)),
        depth,
      );
    const parts = node.pairs.map(([name, value]) => `${JSON.stringify(name)}: ${write(value, depth + 1)}`);
    return block('{}', parts, depth);
  };
  return `${how.hasMark ? '\uFEFF' : ''}${write(root, 1)}${how.hasFinalLineEnd ? how.lineEnd : ''}`;
}

const scalar = fc.constantFrom(
  '1',
  '1979-05-27T07:32:00Z',
  '"text # no comment"',
  "'[not.a.table]'",
  '"""\n[mcp_servers.gateway]\n\\"""x"""""',
  "'''\n# x\n[y]\n'''",
  '[1, # one\n  2, [3],\n]',
  '{ a = 1, "b.c" = [ "]" ] }',
  '12345678901234567890',
);
const bareKey = fc.constantFrom('a', 'b', 'c-d', '"e.f"', "'g h'", 'i.j', '"mcp_servers"');
const pair = fc.tuple(bareKey, scalar).map(([name, value]) => ({ name, text: `${name} = ${value}` }));
const pairs = fc
  .uniqueArray(pair, { maxLength: 3, selector: ({ name }) => name.split('.')[0] ?? name })
  .map((list) => list.map(({ text }) => text));
const remark = fc.constantFrom('', '# a note [x]', '   # indented', '\t');

/** A TOML document; tables of servers among others, comments and blank lines anywhere. Some are not valid. */
export const tomlText: fc.Arbitrary<string> = fc
  .tuple(
    pairs,
    fc.uniqueArray(
      fc.tuple(
        fc.constantFrom(
          'x',
          'x.y',
          'mcp_servers',
          'mcp_servers.other',
          'mcp_servers."o p".env',
          '[list]',
          'z',
        ),
        pairs,
        remark,
      ),
      { maxLength: 5, selector: ([name]) => name },
    ),
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', '\n', '\n\n', '\n# the end'),
    fc.boolean(),
  )
  .map(([top, tables, lineEnd, end, hasMark]) => {
    const lines = [
      ...top.filter((text) => !text.startsWith('"mcp_servers"')),
      ...tables.flatMap(([name, members, note]) => [note, `[${name}] # ${name}`, ...members, note]),
    ];
    return `${hasMark ? '\uFEFF' : ''}${(lines.join('\n') + end).replaceAll('\n', lineEnd)}`;
  });
