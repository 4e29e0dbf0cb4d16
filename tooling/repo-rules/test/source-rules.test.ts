import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { lineOf, SOURCE_FILES, visit } from '../src/source-files.ts';

/** Past this length a file has a second reason to change. */
const MAX_LINES = 400;
/** From this length on a file is worth a look. */
const LONG_LINES = 300;

function places(isWrong: (node: ts.Node) => boolean): string[] {
  return SOURCE_FILES.flatMap(({ file, ast }) => {
    const found: string[] = [];
    visit(ast, (node) => {
      if (isWrong(node)) found.push(`${file}:${lineOf(node)}`);
    });
    return found;
  });
}

function isGenerated(file: string): boolean {
  return file.includes('.generated.');
}

test('there is no `any`', () => {
  expect(places((node) => node.kind === ts.SyntaxKind.AnyKeyword)).toEqual([]);
});

test('the compiler is not silenced', () => {
  const silenced = new RegExp(['@ts-', '(ignore|nocheck)'].join(''));
  expect(SOURCE_FILES.filter(({ ast }) => silenced.test(ast.text)).map(({ file }) => file)).toEqual([]);
});

test('exported functions take no boolean parameter', () => {
  const wrong = SOURCE_FILES.filter(({ isTest, owner }) => !isTest && owner.json.private !== true).flatMap(
    ({ file, ast }) =>
      ast.statements
        .filter((statement) => ts.isFunctionDeclaration(statement))
        .filter((statement) => statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true)
        .flatMap((statement) => [...statement.parameters])
        .filter((parameter) => parameter.type?.kind === ts.SyntaxKind.BooleanKeyword)
        .map((parameter) => `${file}:${lineOf(parameter)} ${parameter.name.getText(ast)}`),
  );
  expect(wrong).toEqual([]);
});

test('an index only exports, by name', () => {
  const wrong = SOURCE_FILES.filter(({ file, isTest }) => path.basename(file) === 'index.ts' && !isTest).flatMap(
    ({ file, ast }) =>
      ast.statements
        .filter(
          (statement) =>
            !ts.isExportDeclaration(statement) ||
            (statement.moduleSpecifier !== undefined && statement.exportClause === undefined),
        )
        .map((statement) => `${file}:${lineOf(statement)}`),
  );
  expect(wrong).toEqual([]);
});

test('files are named after what they hold', () => {
  const nameless = new Set(['utils', 'util', 'common', 'helpers', 'helper', 'misc', 'shared']);
  const wrong = SOURCE_FILES.map(({ file }) => file).filter((file) => {
    const [stem, ...rest] = path.basename(file).split('.');
    return (
      nameless.has(stem!) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem!) || rest.some((part) => !/^[a-z-]+$/.test(part))
    );
  });
  expect(wrong).toEqual([]);
});

test('files are short', () => {
  const lengths = SOURCE_FILES.filter(({ file, isTest }) => !isTest && !isGenerated(file)).map(({ file, ast }) => ({
    file,
    lineCount: ast.text.split('\n').length - 1,
  }));
  const long = lengths.filter(({ lineCount }) => lineCount > LONG_LINES);
  if (long.length > 0)
    console.warn(`worth splitting: ${long.map(({ file, lineCount }) => `${file} (${lineCount} lines)`).join(', ')}`);
  expect(long.filter(({ lineCount }) => lineCount > MAX_LINES)).toEqual([]);
});

test('generated files say so in their first line', () => {
  const silent = SOURCE_FILES.filter(({ file }) => isGenerated(file)).filter(
    ({ ast }) => !/generated/i.test(ast.text.slice(0, ast.text.indexOf('\n'))),
  );
  expect(silent.map(({ file }) => file)).toEqual([]);
});

test('every test file is one that the runner picks up', () => {
  const picked = /^(packages|connectors|accelerators|tooling|examples)\/[^/]+\/(src|test)\/.*\.test\.ts$/;
  const tests = SOURCE_FILES.map(({ file }) => file).filter((file) => /\.(test|spec)\./.test(file));
  expect(tests.filter((file) => !picked.test(file))).toEqual([]);
});

test('no test is focused, and none is skipped without a condition or a reason', () => {
  const wrong = SOURCE_FILES.filter(({ file }) => file.endsWith('.test.ts')).flatMap(({ file, ast }) => {
    const found: string[] = [];
    visit(ast, (node) => {
      if (!ts.isPropertyAccessExpression(node) || !/^(test|it|describe|suite)$/.test(node.expression.getText(ast)))
        return;
      if (['only', 'todo', 'skip'].includes(node.name.text)) found.push(`${file}:${lineOf(node)} ${node.getText(ast)}`);
    });
    return found;
  });
  expect(wrong).toEqual([]);
});
