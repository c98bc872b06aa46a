// @ts-check
import { relative, sep } from 'node:path';
import { judgeImport } from '../imports/judge-import.mjs';

/** @typedef {import('eslint').Rule.RuleModule} RuleModule */

/** An import that src/ may not make, with what to do instead. @type {RuleModule} */
export const importTableRule = {
  meta: { type: 'problem', docs: { description: 'the import table of ARCHITECTURE.md' }, schema: [] },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/');
    /**
     * @param {any} node
     * @param {any} source
     * @param {boolean} isTypeOnly
     */
    const check = (node, source, isTypeOnly) => {
      if (typeof source?.value !== 'string') return;
      const problem = judgeImport({ file, specifier: source.value, isTypeOnly });
      if (problem !== null) context.report({ node, message: problem });
    };
    return {
      ImportDeclaration: (/** @type {any} */ node) => check(node, node.source, node.importKind === 'type'),
      ExportNamedDeclaration: (/** @type {any} */ node) =>
        check(node, node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (/** @type {any} */ node) => check(node, node.source, node.exportKind === 'type'),
      ImportExpression: (/** @type {any} */ node) => check(node, node.source, false),
      TSImportType: (/** @type {any} */ node) => check(node, node.source ?? node.argument?.literal, true),
    };
  },
};
