import type { RowValue } from '@millrace/arrow';

/** One column of a table to load; its type is one that all databases here write alike: `BIGINT`, `INTEGER`, `VARCHAR(20)`, `DECIMAL(10,2)`, `DATE`, `TIMESTAMP`. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

/** A table to load: its columns, and its rows as often as they are asked for. */
export interface TableRows {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  /** Values as texts, numbers, bigints or null, in the order of the columns. */
  rows(): Iterable<readonly RowValue[]>;
}

/** Rows that are loaded with one statement. */
export const ROWS_PER_STATEMENT = 500;

/** Cuts rows into lists of at most `size`. */
export function* chunksOf<Row>(rows: Iterable<Row>, size: number = ROWS_PER_STATEMENT): Generator<readonly Row[]> {
  let chunk: Row[] = [];
  for (const row of rows) {
    chunk.push(row);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** The definitions of the columns, with names quoted in the database's way and types in its words. */
export function columnDefinitions(
  { columns }: TableRows,
  spelling: { readonly quote: (name: string) => string; readonly toType?: (type: string) => string },
): string {
  const { quote, toType = (type) => type } = spelling;
  return columns
    .map(({ name, type, nullable }) => `${quote(name)} ${toType(type)}${nullable ? '' : ' NOT NULL'}`)
    .join(', ');
}
