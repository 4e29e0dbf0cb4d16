import { createHash } from 'node:crypto';
import { schemaToJson } from '@millrace/arrow';
import type { CreateTableCommand, Schema } from '@millrace/core';
import { LAYOUT } from './checkpoint-table.ts';

/** Under what one dataset's rows are known in a server. */
export interface TableNames {
  /** The dataset, whatever its definition. */
  readonly dataset: string;
  /** The definition: processes with another one have rows of their own. */
  readonly definition: string;
}

/** Bytes of a dataset's name that the names of its tables begin with; the number behind it makes them unique. */
const NAME_BYTES = 30;

/** The names of a dataset's rows. */
export function tableNames(command: CreateTableCommand, schema: Schema): TableNames {
  const { definitionHash, primaryKey = [], indexes = [] } = command;
  const whole = JSON.stringify([LAYOUT, definitionHash, schemaToJson(schema), primaryKey, indexes]);
  return { dataset: datasetKey(command.name), definition: createHash('sha256').update(whole).digest('hex') };
}

/** Under what the checkpoint table knows a dataset. */
export function datasetKey({ schemaName, table }: CreateTableCommand['name']): string {
  return JSON.stringify([schemaName ?? '', table]);
}

/** The table of a version: `__millrace_orders__v42`. Numbers are never used twice. */
export function relationName({ schemaName, table }: CreateTableCommand['name'], number: bigint): string {
  const name = (schemaName === undefined ? table : `${schemaName}.${table}`).replaceAll('\0', '');
  const bytes = Buffer.from(name);
  let end = Math.min(bytes.length, NAME_BYTES);
  while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return `__millrace_${bytes.toString('utf8', 0, end)}__v${number}`;
}

/** What {@link relationName} gives, as a regular expression of PostgreSQL. */
export const RELATION_PATTERN = '^__millrace_.*__v[0-9]+$';
