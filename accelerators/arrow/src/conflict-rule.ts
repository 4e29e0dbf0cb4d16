import { type CreateTableCommand, MillraceError, type OnConflict, type Schema } from '@millrace/core';

/** The constraints of a table over ordinals of its columns. */
export interface TableRules {
  readonly component: string;
  readonly primaryKey: { readonly ordinals: readonly number[]; readonly onConflict: OnConflict } | undefined;
  /** The columns of the indexes that are declared to be unique. */
  readonly unique: readonly (readonly number[])[];
}

/** Reads what a table has to hold. @throws MillraceError `invalid_config` for a column that it has not. */
export function tableRules(command: CreateTableCommand, component: string): TableRules {
  const { schema, primaryKey = [], onConflict = 'upsert', indexes = [] } = command;
  const ordinalsOf = (columns: readonly string[]): readonly number[] =>
    columns.map((column) => ordinalOf(schema, column, component));
  const unique = indexes.filter((index) => index.unique).map(({ columns }) => ordinalsOf(columns));
  const key = primaryKey.length === 0 ? undefined : { ordinals: ordinalsOf(primaryKey), onConflict };
  return { component, primaryKey: key, unique };
}

/** The error of several rows with one key. Names the columns, never a value. */
export function notUnique(component: string, { fields }: Schema, ordinals: readonly number[]): MillraceError {
  const columns = ordinals.map((ordinal) => fields[ordinal]?.name ?? '').join(', ');
  return new MillraceError({
    code: 'integrity',
    component,
    connector: 'arrow',
    message: `several rows have the same ${columns}, which is declared to be unique`,
    hint: 'Leave the duplicates out with refresh_sql, choose another on_conflict, or declare another key',
  });
}

function ordinalOf({ fields }: Schema, column: string, component: string): number {
  const ordinal = fields.findIndex(({ name }) => name === column);
  if (ordinal >= 0) return ordinal;
  throw new MillraceError({
    code: 'invalid_config',
    component,
    connector: 'arrow',
    message: `a key or index names the column ${JSON.stringify(column)}, which the dataset has not`,
    hint: 'Name columns of the dataset, in their own case',
  });
}
