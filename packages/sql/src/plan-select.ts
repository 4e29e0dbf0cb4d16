import { type Applied, isVolatile, MillraceError, type ScanRequest, type Schema, type SortKey } from '@millrace/core';
import { describeFilters } from './describe-filters.ts';
import type { Dialect } from './dialect.ts';
import type { SemanticsProfile } from './semantics-profile.ts';
import type { SourceColumn } from './source-column.ts';
import type { SqlText } from './sql-text.ts';
import { toOrderBy } from './translate/order-by.ts';
import { planFilters } from './translate/plan-filters.ts';
import { createParameterMarks, quoteName } from './translate/statement-text.ts';
import { createTableTranslation } from './translate/table-scope.ts';

/** A table of a SQL source and how to talk about it. */
export interface SqlTable {
  readonly dialect: Dialect;
  readonly profile: SemanticsProfile;
  /** What stands behind FROM, quoted: `"public"."orders"`. */
  readonly from: string;
  /** In the order of the table's schema. */
  readonly columns: readonly SourceColumn[];
  /** For messages: `dataset orders`. */
  readonly component: string;
}

/** How a scan request is answered by one SELECT (or one for each partition). */
export interface PlannedSelect {
  readonly schema: Schema;
  readonly applied: Applied;
  /**
   * The columns that are read, in the order of `schema`. Where there are none the statement selects the constant 1 for each row: the
   * connector counts the rows and gives batches without columns.
   */
  readonly columns: readonly SourceColumn[];
  readonly ordering?: readonly SortKey[];
  /**
   * True where a limit or an offset was applied: it then holds for the whole scan, and the plan must have one partition. An order alone
   * holds within each partition.
   */
  readonly needsOnePartition: boolean;
  /**
   * The statement; `where` is a further condition that cuts out a partition (a ctid or key range), joined by AND in front of the filters.
   * Its parameters come first, so its placeholders are numbered from 1.
   */
  statement(where?: SqlText): SqlText;
  /** For an `Explanation`: how far each filter went and how it was written, without values. */
  readonly notes: readonly string[];
}

/**
 * Plans a scan as SQL: what can be said exactly is pushed, what can only be said more widely is claimed `inexact`. Every plan keeps core's
 * ladder: an order is pushed where there is no residual aggregate, limit and offset where nothing residual is below them. Samples and
 * aggregates are never pushed.
 *
 * @throws MillraceError `invalid_argument` for an ordinal that the table has not and for metadata columns, of which a table of a SQL source has
 * none; `unsupported` for a request of an older version.
 */
export function planSelect(table: SqlTable, request: ScanRequest): PlannedSelect {
  const { dialect } = table;
  const columns = projectedColumns(table, request);
  const marks = createParameterMarks();
  const list = columns.map((column) => {
    const quoted = quoteName(dialect, column.name);
    return column.readAs?.(quoted) ?? quoted;
  });
  const head = `SELECT ${list.length === 0 ? '1' : list.join(', ')} FROM ${table.from}`;

  const filters = request.sample
    ? request.filters.map(() => ({ degree: 'none' as const }))
    : planFilters(request.filters, table, marks, Buffer.byteLength(head));
  const isRowsDone =
    request.sample === undefined &&
    request.aggregate === undefined &&
    filters.every((filter) => filter.degree === 'exact');
  const wantsCut = request.limit !== undefined || request.offset !== undefined;
  // An order that only serves a limit is not worth the source's work where the limit has to stay here.
  const orderBy =
    request.order &&
    request.aggregate === undefined &&
    (isRowsDone || !wantsCut) &&
    !request.order.some((key) => isVolatile(key.expr))
      ? toOrderBy(request.order, { ...createTableTranslation(table, marks), lists: 'whole' })
      : undefined;
  const cuts = wantsCut && isRowsDone && (request.order === undefined || orderBy !== undefined);

  const conditions = filters.flatMap((filter) => ('sql' in filter && filter.sql !== undefined ? [filter.sql] : []));
  const tail = `${orderBy ?? ''}${cuts ? dialect.limitClause(cutOf(request)) : ''}`;
  const statement = (where?: SqlText): SqlText => {
    const all = [...(where === undefined ? [] : [`(${where.sql})`]), ...conditions];
    const text = `${head}${all.length === 0 ? '' : ` WHERE ${all.join(' AND ')}`}${tail}`;
    const first = where?.parameters ?? [];
    const { sql, parameters } = marks.render(text, dialect, first.length + 1);
    return { sql, parameters: [...first, ...parameters] };
  };
  return {
    schema: { fields: columns.map((column) => column.field) },
    applied: {
      filters: filters.map((filter) => filter.degree),
      ...(request.order && { order: orderBy === undefined ? 'none' : 'exact' }),
      ...(request.offset !== undefined && { offset: cuts }),
      ...(request.limit !== undefined && { limit: cuts ? 'exact' : 'none' }),
    },
    columns,
    ...(orderBy !== undefined && request.order && { ordering: request.order }),
    needsOnePartition: cuts,
    statement,
    notes: describeFilters(request.filters, filters, (sql) => marks.render(sql, dialect, 1).sql),
  };
}

function cutOf({ limit, offset }: ScanRequest): { readonly limit?: bigint; readonly offset?: bigint } {
  return { ...(limit !== undefined && { limit }), ...(offset !== undefined && { offset }) };
}

function projectedColumns(table: SqlTable, request: ScanRequest): readonly SourceColumn[] {
  const refuse = (message: string, hint: string): MillraceError =>
    new MillraceError({
      code: 'invalid_argument',
      component: table.component,
      connector: table.dialect.name,
      message,
      hint,
    });
  const [metadata] = request.metadataColumns ?? [];
  if (metadata !== undefined) throw refuse(`there is no metadata column ${metadata}`, 'Ask for columns of the schema');
  if (request.at !== undefined) {
    throw new MillraceError({
      code: 'unsupported',
      component: table.component,
      connector: table.dialect.name,
      message: 'older versions of the table are not kept',
      hint: 'Read the table as it is now',
    });
  }
  return request.projection.map((ordinal) => {
    const column = table.columns[ordinal];
    if (column !== undefined) return column;
    throw refuse(`there is no column with ordinal ${ordinal}`, `Ordinals count from 0 to ${table.columns.length - 1}`);
  });
}
