import { type DataType, dataTypes, type Field, field, MillraceError } from '@millrace/core';
import { toDuckDbType } from '@millrace/duckdb';
import type { FileVersion } from './file-version.ts';
import { sqlText } from './table-function.ts';

/** What stands for NULL in the name of a folder. */
const NULL_VALUE = '__HIVE_DEFAULT_PARTITION__';

/**
 * The columns that folders named `key=value` give, in the order of the path. Values decide the type: BIGINT for integers without
 * leading zeros, DATE for `YYYY-MM-DD`, text otherwise.
 *
 * @throws MillraceError `schema_mismatch` naming the first file whose folders have other keys.
 */
export function hivePartitionFields(files: readonly FileVersion[], component: string): readonly Field[] {
  const partitions = files.map(({ path }) => partitionsOf(path));
  const keys = [...(partitions[0]?.keys() ?? [])];
  for (const [index, partition] of partitions.entries()) {
    if (partition.size === keys.length && keys.every((key) => partition.has(key))) continue;
    throw new MillraceError({
      code: 'schema_mismatch',
      component,
      connector: 'file',
      message: `the folders of ${files[index]!.path} are not partitions by ${keys.join(', ') || 'nothing'} as those of the files before it`,
      hint: 'Give every file the same key=value folders, or narrow the pattern',
    });
  }
  return keys.map((key) => field(key, typeOf(partitions.map((partition) => partition.get(key)!))));
}

/** Options of DuckDB's readers for these columns; without any its own detection is switched off. */
export function hiveOptions(fields: readonly Field[]): Readonly<Record<string, string>> {
  if (fields.length === 0) return { hive_partitioning: 'false' };
  const types = fields.map((each) => `${sqlText(each.name)}: ${toDuckDbType(each)}`).join(', ');
  return { hive_partitioning: 'true', hive_types: `{${types}}` };
}

function partitionsOf(path: string): Map<string, string> {
  const folders = path.split('/').slice(0, -1);
  return new Map(
    folders.flatMap((folder) => {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(folder) ?? [];
      return key === undefined || value === undefined ? [] : [[decode(key), decode(value)] as const];
    }),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function typeOf(values: readonly string[]): DataType {
  const present = values.filter((value) => value !== NULL_VALUE);
  if (present.length === 0) return dataTypes.utf8();
  if (present.every((value) => /^(0|-?[1-9]\d{0,17})$/.test(value))) return dataTypes.int64();
  if (present.every((value) => /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(value))) return dataTypes.date();
  return dataTypes.utf8();
}
