// @ts-check
import { builtinModules } from 'node:module';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { describedSuppressionRule } from './scripts/lint/described-suppression-rule.mjs';
import { fileNameRule } from './scripts/lint/file-name-rule.mjs';
import { importTableRule } from './scripts/lint/import-table-rule.mjs';
import { reasonedCastRule } from './scripts/lint/reasoned-cast-rule.mjs';

const router = {
  rules: {
    'import-table': importTableRule,
    'reasoned-cast': reasonedCastRule,
    'described-suppression': describedSuppressionRule,
    'file-name': fileNameRule,
  },
};

const emptyCatch = {
  selector: 'CatchClause > BlockStatement[body.length=0]',
  message: 'Catch only what you can name: test the error for what you expect and throw the rest on.',
};
const defaultExport = { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' };
const moduleState = {
  selector:
    'Program > :matches(VariableDeclaration, ExportNamedDeclaration > VariableDeclaration)[kind="let"]',
  message: 'No mutable state in a module: keep it in the closure or object that owns it.',
};

/** @type {import('eslint').Linter.RulesRecord} */
const size = {
  'max-lines': ['error', { max: 350 }],
  'max-lines-per-function': ['error', { max: 60 }],
  'max-params': ['error', { max: 4 }],
};

/** @type {import('eslint').Linter.RulesRecord} */
const language = {
  eqeqeq: 'error',
  'no-console': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'object-shorthand': 'error',
  'no-restricted-syntax': ['error', emptyCatch, defaultExport],
  'no-restricted-imports': [
    'error',
    {
      paths: builtinModules
        .filter((name) => !name.startsWith('_'))
        .map((name) => ({ name, message: `Write node:${name}.` })),
      patterns: [{ regex: '^\\..*\\.(js|jsx|ts|tsx)$', message: 'Import without the file extension.' }],
    },
  ],
};

/** @type {import('eslint').Linter.RulesRecord} */
const types = {
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as' }],
  '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': [
    'error',
    { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
  ],
  '@typescript-eslint/naming-convention': [
    'error',
    { selector: 'interface', format: ['PascalCase'], custom: { regex: '^I[A-Z]', match: false } },
  ],
  '@typescript-eslint/ban-ts-comment': [
    'error',
    { 'ts-expect-error': 'allow-with-description', minimumDescriptionLength: 10 },
  ],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/no-confusing-void-expression': [
    'error',
    { ignoreArrowShorthand: true, ignoreVoidOperator: true, ignoreVoidReturningFunctions: true },
  ],
  // Objects here are closures and have no `this`, so their functions may be taken apart; the rule cannot know.
  '@typescript-eslint/unbound-method': 'off',
  // The IPC contract says `query<void, Status>()`.
  '@typescript-eslint/no-invalid-void-type': 'off',
  '@typescript-eslint/no-unnecessary-type-parameters': 'off',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
};

const engineGlobals = ['process', 'console'].map((name) => ({
  name,
  message: 'The engine reaches the outside through engine/ports.ts.',
}));

export default defineConfig(
  { ignores: ['node_modules/', 'out/', 'dist/', 'artifacts/', 'coverage/'] },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' },
    plugins: { router },
    rules: {
      ...size,
      ...language,
      'router/import-table': 'error',
      'router/described-suppression': 'error',
      'router/file-name': 'error',
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.node.json', 'tsconfig.web.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: { ...types, 'router/reasoned-cast': 'error' },
  },
  {
    files: ['**/*.mjs'],
    extends: [tseslint.configs.strict],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        AbortController: 'readonly',
      },
    },
    rules: { 'no-undef': 'error' },
  },
  {
    files: ['src/**'],
    rules: { 'no-restricted-syntax': ['error', emptyCatch, defaultExport, moduleState] },
  },
  {
    files: ['src/main/engine/**', 'src/shared/**'],
    rules: { 'no-restricted-globals': ['error', ...engineGlobals] },
  },
  {
    files: ['src/renderer/**', 'test/component/**'],
    extends: [reactHooks.configs.flat['recommended-latest']],
  },
  {
    // A table: one entry a promise, and nothing to split by.
    files: ['test/requirements.ts'],
    rules: { 'max-lines': 'off' },
  },
  {
    files: ['test/**'],
    rules: {
      // A `describe` is a list, not a function.
      'max-lines-per-function': 'off',
      'no-restricted-properties': [
        'error',
        ...['mock', 'doMock', 'hoisted'].map((property) => ({
          object: 'vi',
          property,
          message: 'No mocks of modules: pass a fake port or talk to the real thing on loopback.',
        })),
      ],
    },
  },
  {
    files: [
      'scripts/**',
      'test/demo/**',
      'test/support/**/cli.ts',
      'test/fuzz/cli.ts',
      'test/support/quiet-console.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['*.config.{ts,mjs}', '*.config.*.ts', '**/*.d.ts'],
    rules: { 'no-restricted-syntax': ['error', emptyCatch] },
  },
);
