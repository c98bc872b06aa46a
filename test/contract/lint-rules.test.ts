import { Linter } from 'eslint';
import { parser } from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { describedSuppressionRule } from '../../scripts/lint/described-suppression-rule.mjs';
import { fileNameRule } from '../../scripts/lint/file-name-rule.mjs';
import { importTableRule } from '../../scripts/lint/import-table-rule.mjs';
import { reasonedCastRule } from '../../scripts/lint/reasoned-cast-rule.mjs';
import { checkout } from './source-imports';

const rules = {
  'import-table': importTableRule,
  'described-suppression': describedSuppressionRule,
  'file-name': fileNameRule,
  'reasoned-cast': reasonedCastRule,
};

const messagesFor = (source: string, filename: string): string[] =>
  new Linter({ cwd: checkout })
    .verify(
      source,
      [
        {
          files: ['**/*.ts', '**/*.tsx'],
          languageOptions: { parser },
          plugins: { router: { rules } },
          rules: Object.fromEntries(Object.keys(rules).map((name) => [`router/${name}`, 'error'] as const)),
        },
      ],
      { filename },
    )
    .map(({ ruleId, message }) => `${ruleId ?? 'parser'}: ${message}`);

describe('our own lint rules', () => {
  it.each([
    [
      'src/main/engine/router/session.ts',
      `import { app } from 'electron';`,
      'import-table: engine/router may not',
    ],
    ['src/main/tray.ts', `import { Tray } from 'electron';`, 'write `import type`'],
    ['src/main/engine/index.ts', `export * from './../platform/log';`, 'may not import platform'],
    ['src/renderer/app.tsx', `const fs = await import('node:fs');`, 'may not import modules of Node'],
    ['src/renderer/app.tsx', `let x: import('../main/index').X;`, 'may not import main door'],
    ['src/main/window.ts', 'const x = y as string;', 'reasoned-cast: `as` overrules'],
    ['src/main/window.ts', '// eslint-disable-next-line no-console\nf();', 'described-suppression: Say why'],
    [
      'src/main/tray.ts',
      `// eslint-disable-next-line router/import-table -- it is urgent today\nimport { Tray } from 'electron';`,
      'never suppressed',
    ],
    ['src/main/windowUtils.ts', 'f();', 'file-name: Name the file in kebab-case'],
    ['src/main/helpers.ts', 'f();', 'file-name: "helpers" says nothing'],
  ])('%s: %s', (filename, source, expected) => {
    expect(messagesFor(source, filename)).toEqual(
      expect.arrayContaining([expect.stringContaining(expected)]),
    );
  });

  it.each([
    ['src/main/tray.ts', `import type { Tray } from 'electron';`],
    ['src/main/window.ts', 'const x = [1] as const;'],
    ['src/main/window.ts', 'const x = y as string; // the schema above has proven it'],
    ['src/main/window.ts', '// eslint-disable-next-line no-console -- the logger is not up yet\nf();'],
    ['test/unit/x.test.ts', `import { app } from 'electron';`],
  ])('but nothing about %s: %s', (filename, source) => {
    const own = messagesFor(source, filename).filter((message) => message.startsWith('router/'));
    expect(own).toEqual([]);
  });
});
