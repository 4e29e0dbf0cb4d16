import type { Field } from '@millrace/core';
import type { Dialect } from '../dialect.ts';
import type { SourceColumn } from '../source-column.ts';
import type { Operand } from '../translate/translation.ts';

/** One column of a relation under construction. */
export interface RelColumn {
  readonly field: Field;
  /** Over what stands behind FROM. */
  readonly sql: string;
  /** Undefined where the value cannot be compared. */
  readonly operand: Operand | undefined;
  /** The table's own column, where it is handed on unchanged. */
  readonly source?: SourceColumn;
  /** The alias of the side of a join that it comes from. */
  readonly side?: string;
}

/** A relation as the clauses of one SELECT. */
export interface RelQuery {
  readonly from?: string;
  readonly columns: readonly RelColumn[];
  readonly where: readonly string[];
  readonly groupBy?: readonly string[];
  /** With a leading space. */
  readonly orderBy?: string;
  readonly limit?: bigint;
  readonly offset?: bigint;
}

/** Aliases that are short, and unique in the whole statement, so that no inner relation hides an outer one. */
export interface RelNames {
  nextRelation(): string;
  column(index: number): string;
}

export function createRelNames(dialect: Dialect): RelNames {
  let count = 0;
  return {
    nextRelation: () => dialect.quoteIdentifier(`t${++count}`),
    column: (index) => dialect.quoteIdentifier(`c${index + 1}`),
  };
}

/** The SELECT of a relation; its columns are named by place. */
export function selectText(query: RelQuery, dialect: Dialect, names: RelNames): string {
  const list = query.columns.map(({ sql }, index) => `${sql} AS ${names.column(index)}`);
  const isCut = query.limit !== undefined || query.offset !== undefined;
  return [
    `SELECT ${list.length === 0 ? '1' : list.join(', ')}`,
    query.from === undefined ? '' : ` FROM ${query.from}`,
    query.where.length === 0 ? '' : ` WHERE ${query.where.join(' AND ')}`,
    query.groupBy === undefined || query.groupBy.length === 0 ? '' : ` GROUP BY ${query.groupBy.join(', ')}`,
    query.orderBy ?? '',
    isCut
      ? dialect.limitClause({
          ...(query.limit !== undefined && { limit: query.limit }),
          ...(query.offset !== undefined && { offset: query.offset }),
        })
      : '',
  ].join('');
}

/** The relation as a derived table, whose columns are plain again. An order without a limit is lost, and means nothing there. */
export function deriveQuery(query: RelQuery, dialect: Dialect, names: RelNames): RelQuery {
  const { orderBy, ...unordered } = query;
  const isCut = query.limit !== undefined || query.offset !== undefined;
  const text = selectText(isCut && orderBy !== undefined ? query : unordered, dialect, names);
  return fromDerived(text, query.columns, names);
}

/** A derived table made of a whole statement with these columns. */
export function fromDerived(text: string, columns: readonly RelColumn[], names: RelNames): RelQuery {
  const alias = names.nextRelation();
  return {
    from: `(${text}) AS ${alias}`,
    where: [],
    columns: columns.map((column, index) => {
      const sql = `${alias}.${names.column(index)}`;
      return { ...column, sql, operand: rebase(column, sql) };
    }),
  };
}

/** A derived table hands the plain column on, whose value is written anew. */
function rebase({ operand, source }: RelColumn, sql: string): Operand | undefined {
  if (operand === undefined) return undefined;
  const { indexed: _, ...plain } = operand;
  return source?.valueAs === undefined ? { ...plain, sql } : { ...plain, sql: source.valueAs(sql), indexed: sql };
}

/** True where another clause may be added without changing what the present ones see. */
export function isPlain(query: RelQuery): boolean {
  return query.groupBy === undefined && query.limit === undefined && query.offset === undefined;
}
