import type { BuildValue } from '@millrace/arrow';
import { dataTypes, field } from '@millrace/core';
import { required } from '../data/small-tables.ts';
import type { OpenAcceleratedRequest } from './accelerator-context.ts';
import type { SourceRows } from './write-rows.ts';

/** A table with a key that changes are applied to: a number, a name that is always there, a value that may be missing. */
export const KEYED: OpenAcceleratedRequest = {
  fields: [required('id', dataTypes.int64()), required('name', dataTypes.utf8()), field('value', dataTypes.utf8())],
  primaryKey: ['id'],
  refreshMode: 'changes',
};

/** Rows of such a table. */
export const KEYED_ROWS: SourceRows = [keyedRow(1, 'a'), keyedRow(2, 'b'), keyedRow(3, null), keyedRow(7, 'g')];

/** A row of such a table. */
export function keyedRow(id: number, value: string | null): readonly BuildValue[] {
  return [BigInt(id), `name ${id}`, value];
}
