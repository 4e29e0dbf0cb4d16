import type { OnConflict } from '@millrace/core';
import { haveSameColumns, parseColumnList } from './column-list.ts';
import type { ConfigContext } from './config-context.ts';
import type { AccelerationInput } from './config-input.ts';
import type { AccelerationConfig } from './config-model.ts';
import { type ConfigPath, toFieldPath } from './config-node.ts';
import { placeOf } from './config-place.ts';

/** Reads `primary_key`, `indexes` and `on_conflict` of an `acceleration` block, and reports every problem. */
export function resolveKeys(
  context: ConfigContext,
  path: ConfigPath,
  input: AccelerationInput,
): Pick<AccelerationConfig, 'primaryKey' | 'indexes' | 'onConflict'> {
  const primaryKey = resolveColumns(context, [...path, 'primary_key'], input.primary_key);
  const indexes = resolveIndexes(context, [...path, 'indexes'], input.indexes);
  const onConflict = resolveOnConflict(context, [...path, 'on_conflict'], {
    conflicts: input.on_conflict,
    primaryKey,
    hasKey: input.primary_key !== undefined,
  });
  return {
    ...(primaryKey ? { primaryKey } : {}),
    ...(indexes && indexes.length > 0 ? { indexes } : {}),
    ...(onConflict === undefined ? {} : { onConflict }),
  };
}

function resolveColumns(
  context: ConfigContext,
  path: ConfigPath,
  text: string | undefined,
): readonly string[] | undefined {
  if (text === undefined || !context.shape.isSound(path)) return undefined;
  const columns = parseColumnList(text);
  if (!columns) {
    context.report.problem({
      ...placeOf(context.root, path),
      code: 'invalid_config',
      message: `\`${toFieldPath(path.slice(2))}\` must name columns, each once`,
      hint: 'Write one column, or several as (a, b)',
    });
  }
  return columns;
}

function resolveIndexes(
  context: ConfigContext,
  path: ConfigPath,
  indexes: AccelerationInput['indexes'],
): AccelerationConfig['indexes'] | undefined {
  if (!indexes || !context.shape.isSound(path)) return undefined;
  return Object.entries(indexes).flatMap(([text, kind]) => {
    const columns = resolveColumns(context, [...path, text], text);
    return columns ? [{ columns, unique: kind === 'unique' }] : [];
  });
}

interface Conflicts {
  readonly conflicts: AccelerationInput['on_conflict'];
  readonly primaryKey: readonly string[] | undefined;
  readonly hasKey: boolean;
}

function resolveOnConflict(
  context: ConfigContext,
  path: ConfigPath,
  { conflicts, primaryKey, hasKey }: Conflicts,
): OnConflict | undefined {
  if (!conflicts || !context.shape.isSound(path)) return undefined;
  const place = placeOf(context.root, path);
  if (!hasKey) {
    const hint = 'Add `primary_key`, or leave `on_conflict` out';
    context.report.problem({
      ...place,
      code: 'invalid_config',
      message: '`acceleration.on_conflict` needs a primary key',
      hint,
    });
  }
  if (!primaryKey) return undefined;
  const [entry, ...others] = Object.entries(conflicts);
  const target = entry && parseColumnList(entry[0]);
  if (target && others.length === 0 && haveSameColumns(target, primaryKey)) return entry[1];
  context.report.problem({
    ...place,
    code: 'invalid_config',
    message: '`acceleration.on_conflict` must have one entry, under the columns of the primary key',
    hint: 'Write the columns as `primary_key` has them',
  });
  return undefined;
}
