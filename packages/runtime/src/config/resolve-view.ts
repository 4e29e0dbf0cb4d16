import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConfigContext } from './config-context.ts';
import type { ViewInput } from './config-input.ts';
import type { ConfigName, ViewConfig } from './config-model.ts';
import { type ConfigPath, locationAt, locationInText } from './config-node.ts';
import { placeOf } from './config-place.ts';
import { toShownPath } from './config-source.ts';
import { toFieldSteps } from './resolve-dataset.ts';
import { resolveViewCopy } from './resolve-view-copy.ts';

/** One entry of `views`; its query is not read if the shape of it is not sound. */
export interface ViewEntry {
  readonly path: ConfigPath;
  readonly input: ViewInput;
  /** Undefined when the name was refused, and reported, already. */
  readonly name: ConfigName | undefined;
}

/** Checks everything in a view but its name, reads the file that `sql_ref` names, and reports every problem. */
export async function resolveView(
  context: ConfigContext,
  { path, input, name }: ViewEntry,
): Promise<ViewConfig | undefined> {
  const sql = await resolveSql(context, path, input);
  const copy = resolveViewCopy(context, { path, input, name });
  if (sql === undefined || !name) return undefined;
  return {
    name,
    sql,
    ...(input.description === undefined ? {} : { description: input.description }),
    ...copy,
    location: (field, at) => {
      const steps = [...path, ...toFieldSteps(field)];
      // A query in a file of its own has its places there.
      if (at && field === 'sql' && input.sql_ref !== undefined)
        return { file: toShownPath(resolve(context.baseDirectory, input.sql_ref)), ...at };
      return at ? locationInText(context.root, steps, at) : locationAt(context.root, steps);
    },
  };
}

async function resolveSql(context: ConfigContext, path: ConfigPath, input: ViewInput): Promise<string | undefined> {
  if (!['sql', 'sql_ref'].every((field) => context.shape.isSound([...path, field]))) return undefined;
  const { sql, sql_ref: file } = input;
  if ((sql === undefined) === (file === undefined)) {
    const message = sql === undefined ? 'it has no query' : 'it has both `sql` and `sql_ref`';
    const place = placeOf(context.root, sql === undefined ? path : [...path, 'sql_ref']);
    context.report.problem({ ...place, code: 'invalid_config', message, hint: 'Give either `sql` or `sql_ref`' });
    return undefined;
  }
  const text = sql ?? (await readSqlFile(context, [...path, 'sql_ref'], file ?? ''));
  if (text?.trim() !== '') return text;
  const place = placeOf(context.root, [...path, sql === undefined ? 'sql_ref' : 'sql']);
  context.report.problem({ ...place, code: 'invalid_config', message: 'its query is empty' });
  return undefined;
}

async function readSqlFile(context: ConfigContext, path: ConfigPath, file: string): Promise<string | undefined> {
  try {
    return (await readFile(resolve(context.baseDirectory, file), 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    context.report.problem({
      ...placeOf(context.root, path),
      code: isMissing ? 'not_found' : 'io',
      message: `the file of \`sql_ref\`, ${file}, ${isMissing ? 'does not exist' : 'cannot be read'}`,
      hint: 'The path counts from the folder of the configuration',
      cause,
    });
    return undefined;
  }
}
