// @ts-check
import { basename } from 'node:path';

const vague = /^(utils?|helpers?|common|misc|manager|service|types|constants|shared)$/;
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** A file is named by its one concept. @type {import('eslint').Rule.RuleModule} */
export const fileNameRule = {
  meta: { type: 'problem', docs: { description: 'kebab-case, named by the concept' }, schema: [] },
  create(context) {
    return {
      Program(node) {
        const stem = basename(context.filename).replace(
          /(\.(test|config|vite|desktop|cli|demo|fuzz|d))*\.[a-z]+$/,
          '',
        );
        if (!kebab.test(stem)) {
          context.report({ node, message: `Name the file in kebab-case instead of "${stem}".` });
        } else if (vague.test(stem)) {
          context.report({
            node,
            message: `"${stem}" says nothing: name the file by the one concept it holds.`,
          });
        }
      },
    };
  },
};
