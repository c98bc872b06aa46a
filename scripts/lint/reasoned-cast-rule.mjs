// @ts-check

/** `as` silences the compiler; a needed one says why on its own line. @type {import('eslint').Rule.RuleModule} */
export const reasonedCastRule = {
  meta: { type: 'problem', docs: { description: 'a cast carries its reason' }, schema: [] },
  create(context) {
    const commentedLines = new Set(
      context.sourceCode.getAllComments().flatMap(({ loc }) => (loc ? [loc.start.line, loc.end.line] : [])),
    );
    return {
      TSAsExpression(/** @type {any} */ node) {
        const target = node.typeAnnotation;
        if (target.type === 'TSTypeReference' && target.typeName.name === 'const') return;
        if (commentedLines.has(node.loc.end.line) || commentedLines.has(node.loc.start.line)) return;
        context.report({
          node,
          message:
            '`as` overrules the compiler. Narrow with a check or a schema instead; if it is needed, say why in a comment on the same line.',
        });
      },
    };
  },
};
