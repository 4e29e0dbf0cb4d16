import type { Field, Schema } from './data-type.ts';
import { dataTypes } from './data-types.ts';

/**
 * What happened to the row of a key. `insert`, `update_postimage`: the row is as it stands there from now on, whether one with its key was there or not.
 * `delete`, `update_preimage`: the row of that key is gone, if it was there; columns beside the key may be null. `truncate`: all rows are gone; every
 * column may be null. Where an update changes the key, its preimage (or a delete) comes before its postimage.
 *
 * Source: `_change_type` of Delta Lake's change data feed and of Spark's `Changelog`, and TRUNCATE of PostgreSQL's logical replication.
 */
export type ChangeType = 'insert' | 'update_preimage' | 'update_postimage' | 'delete' | 'truncate';

/** The column of change rows that holds the {@link ChangeType}. It is the last one, whatever other columns are called. */
export const CHANGE_TYPE_COLUMN = '_change_type';

/** The columns of the change rows of a table: its own, all of them nullable, then {@link CHANGE_TYPE_COLUMN}. */
export function changeSchema({ fields, metadata }: Schema): Schema {
  return {
    fields: [...fields.map(asNullable), { name: CHANGE_TYPE_COLUMN, type: dataTypes.utf8(), nullable: false }],
    ...(metadata ? { metadata } : {}),
  };
}

// A copy of the members of the interface: apache-arrow's are partly getters and on the prototype.
function asNullable({ name, type, metadata }: Field): Field {
  return { name, type, nullable: true, ...(metadata ? { metadata } : {}) };
}
