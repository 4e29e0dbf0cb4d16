import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MillraceError } from '@millrace/core';
import { detectPackageManager, installCommand } from '@millrace/core/registry';

/** The exports of `@millrace/runtime`, of whichever installation. */
export type RuntimeModule = typeof import('@millrace/runtime');

const RUNTIME = '@millrace/runtime';
const DEPENDENCY_TABLES = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;

/**
 * Imports the host's own runtime where its package.json declares one, so that the command and the application run the
 * same version; otherwise the one that this package depends on.
 *
 * @throws MillraceError `not_found` when the host declares a runtime that is not installed.
 */
export async function loadRuntimeModule(hostRoot: string): Promise<RuntimeModule> {
  const manifest = join(hostRoot, 'package.json');
  if (!declaresRuntime(manifest)) return import('@millrace/runtime');
  return (await import(pathToFileURL(locateRuntime(hostRoot, manifest)).href)) as RuntimeModule;
}

function locateRuntime(hostRoot: string, manifest: string): string {
  try {
    return createRequire(manifest).resolve(RUNTIME);
  } catch (cause) {
    const manager = detectPackageManager(hostRoot);
    throw new MillraceError({
      code: 'not_found',
      component: 'host',
      message: `${manifest} declares ${RUNTIME}, which is not installed`,
      hint: `Install it: ${installCommand(manager, [RUNTIME])}`,
      cause,
    });
  }
}

function declaresRuntime(manifest: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(manifest, 'utf8').replace(/^\uFEFF/, ''));
  } catch {
    return false; // No host, or one whose package.json discovery reports.
  }
  if (!isTable(parsed)) return false;
  return DEPENDENCY_TABLES.some((name) => {
    const table = parsed[name];
    return isTable(table) && Object.hasOwn(table, RUNTIME);
  });
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
