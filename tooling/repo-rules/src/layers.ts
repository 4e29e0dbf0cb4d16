import type { WorkspacePackage } from './workspace.ts';

const KITS: readonly string[] = [
  '@millrace/arrow',
  '@millrace/sql',
  '@millrace/files',
  '@millrace/duckdb',
  '@millrace/sqlite',
  '@millrace/postgres',
  '@millrace/acceleration',
];
const CORE = '@millrace/core';

/** Which packages of the workspace each one may depend on: the arrows of docs/architecture.md. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  [CORE]: [],
  '@millrace/arrow': [CORE],
  '@millrace/sql': [CORE, '@millrace/arrow'],
  '@millrace/files': [CORE, '@millrace/arrow'],
  '@millrace/duckdb': [CORE, '@millrace/arrow'],
  '@millrace/sqlite': [CORE, '@millrace/arrow', '@millrace/sql'],
  '@millrace/postgres': [CORE, '@millrace/arrow', '@millrace/sql'],
  '@millrace/acceleration': [CORE, '@millrace/arrow'],
  '@millrace/conformance': [CORE, '@millrace/arrow'],
  '@millrace/runtime': [CORE, ...KITS],
  '@millrace/server': [CORE, ...KITS, '@millrace/runtime'],
  millrace: [CORE, ...KITS, '@millrace/runtime', '@millrace/server'],
  'create-millrace-plugin': [],
};

/** The packages of the workspace that a package may depend on; undefined where every one is allowed. */
export function allowedDependencies({ group, json }: WorkspacePackage): readonly string[] | undefined {
  if (group === 'tooling' || group === 'examples') return undefined;
  return group === 'packages' ? (ALLOWED[json.name] ?? []) : [CORE, ...KITS];
}

/** The package of a specifier: `@scope/name/sub` → `@scope/name`, `name/sub` → `name`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Whether a name is of this workspace. */
export function isOwnPackage(name: string): boolean {
  return name.startsWith('@millrace/') || name === 'millrace' || name === 'create-millrace-plugin';
}
