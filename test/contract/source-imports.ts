import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** One import as a source file states it. */
export interface SourceImport {
  /** From the root of the checkout, with `/`. */
  readonly file: string;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

/** Folder of package.json. */
export const checkout = join(import.meta.dirname, '..', '..');

/** Every TypeScript file below a folder of the checkout, as paths from its root. */
export const sourceFiles = (folder: string): string[] =>
  readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();

/** The text of a file of the checkout. */
export const readSource = (file: string): string => readFileSync(join(checkout, file), 'utf8');

const importOf = (node: ts.Node): Omit<SourceImport, 'file'> | null => {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const isTypeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { specifier: node.moduleSpecifier.text, isTypeOnly };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, isTypeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const { literal } = node.argument;
    return ts.isStringLiteral(literal) ? { specifier: literal.text, isTypeOnly: true } : null;
  }
  if (!ts.isCallExpression(node)) return null;
  const isLoading =
    node.expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(node.expression) && node.expression.text === 'require');
  const [specifier] = node.arguments;
  if (!isLoading || specifier === undefined) return null;
  return { specifier: ts.isStringLiteralLike(specifier) ? specifier.text : '(computed)', isTypeOnly: false };
};

/** Every import, export-from, `import()` and `require()` of a file, read by the compiler's own parser. */
export const importsOf = (file: string, text: string): SourceImport[] => {
  const found: SourceImport[] = [];
  const visit = (node: ts.Node): void => {
    const one = importOf(node);
    if (one !== null) found.push({ file, ...one });
    ts.forEachChild(node, visit);
  };
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false, kind));
  return found;
};
