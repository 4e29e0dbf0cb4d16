import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMillraceError, type MillraceError } from '@millrace/core';
import { configProblems, loadConfig, type ResolvedConfig } from '../../src/config/index.ts';

/** A configuration folder for one load. */
export interface YamlCase {
  readonly text: string;
  /** Files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Loads a YAML text from a folder of its own, which is gone afterwards. */
export async function loadYaml({ text, files = {}, environment = {} }: YamlCase): Promise<ResolvedConfig> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-config-'));
  try {
    for (const [name, content] of Object.entries({ ...files, 'millrace.yaml': text })) {
      await writeFile(join(folder, name), content);
    }
    return await loadConfig({ configPath: join(folder, 'millrace.yaml') }, { environment });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The error that a load fails with. */
export async function failureOf(load: Promise<unknown>): Promise<MillraceError> {
  const outcome = await load.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isMillraceError(outcome)) throw new Error('expected a MillraceError', { cause: outcome });
  return outcome;
}

/** Every problem of a failed load as one line: `code line:column component: reason | hint`. */
export async function problemsOf(load: Promise<unknown>): Promise<readonly string[]> {
  const problems = configProblems(await failureOf(load));
  return problems.map(({ code, location, component, reason, hint }) => {
    const place = location ? `${location.line}:${location.column} ` : '';
    return `${code} ${place}${component}: ${reason}${hint ? ` | ${hint}` : ''}`;
  });
}
