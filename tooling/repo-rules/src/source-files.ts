import ts from 'typescript';
import { committedFiles, PACKAGES, readText, type WorkspacePackage } from './workspace.ts';

/** One committed TypeScript file of a package, parsed. */
export interface SourceFile {
  /** From the repository's folder. */
  readonly file: string;
  readonly owner: WorkspacePackage;
  /** Tests and what supports them: they may use devDependencies. */
  readonly isTest: boolean;
  readonly ast: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** One import, export … from, import type or dynamic import of a literal. */
export interface Import {
  readonly specifier: string;
  /** Counts from 1. */
  readonly line: number;
}

/** All committed TypeScript files of the workspace, fixtures apart. */
export const SOURCE_FILES: readonly SourceFile[] = committedFiles()
  .filter((file) => /\.[cm]?ts$/.test(file) && !file.includes('/fixtures/'))
  .flatMap((file) => {
    const owner = PACKAGES.find(({ folder }) => file.startsWith(`${folder}/`));
    if (owner === undefined) return [];
    const ast = ts.createSourceFile(file, readText(file), ts.ScriptTarget.Latest, true);
    return [{ file, owner, isTest: isTestFile(file, owner), ast, imports: importsOf(ast) }];
  });

/** Visits a node and everything below it. */
export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  node.forEachChild((child) => visit(child, see));
}

/** The line of a node, counting from 1. */
export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

function isTestFile(file: string, owner: WorkspacePackage): boolean {
  const inside = file.slice(owner.folder.length + 1);
  return /\.test\.ts$/.test(inside) || !inside.startsWith('src/');
}

function importsOf(ast: ts.SourceFile): Import[] {
  const found: Import[] = [];
  visit(ast, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) found.push({ specifier: specifier.text, line: lineOf(node) });
  });
  return found;
}

function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  let candidate: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) candidate = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) candidate = node.argument.literal;
  else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    candidate = node.arguments[0];
  return candidate !== undefined && ts.isStringLiteralLike(candidate) ? candidate : undefined;
}
