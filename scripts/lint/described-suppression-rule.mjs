// @ts-check

/** A suppressed rule says why, and the import table is never suppressed. @type {import('eslint').Rule.RuleModule} */
export const describedSuppressionRule = {
  meta: { type: 'problem', docs: { description: 'a suppression carries its reason' }, schema: [] },
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const directive = /^\s*eslint-disable(?:-next-line|-line)?(?=\s|$)(?<rest>[\s\S]*)$/.exec(
            comment.value,
          );
          if (directive === null || !comment.loc) continue;
          const [rules = '', reason = ''] = (directive.groups?.rest ?? '').split(/\s--\s/, 2);
          if (rules.trim() === '' || rules.includes('router/import-table')) {
            context.report({
              loc: comment.loc,
              message: 'Name the rule; the import table is changed in its own file, never suppressed.',
            });
          } else if (reason.trim().length < 10) {
            context.report({ loc: comment.loc, message: 'Say why, after ` -- `, or mend the code.' });
          }
        }
      },
    };
  },
};
