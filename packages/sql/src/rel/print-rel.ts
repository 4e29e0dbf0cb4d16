import { isVolatile, type Rel, type Schema } from '@millrace/core';
import type { SourceColumn } from '../source-column.ts';
import type { SqlText } from '../sql-text.ts';
import { toCondition } from '../translate/condition.ts';
import { toOrderBy } from '../translate/order-by.ts';
import { createParameterMarks, quoteName } from '../translate/statement-text.ts';
import { toColumnOperand } from '../translate/table-scope.ts';
import { printAggregate } from './print-aggregate.ts';
import { printJoin } from './print-join.ts';
import { printProject } from './print-project.ts';
import { printUnion, printValues } from './print-union.ts';
import { createRelScope, type RelContext, type RelSource } from './rel-context.ts';
import { createRelNames, deriveQuery, isPlain, type RelColumn, type RelQuery, selectText } from './rel-query.ts';

/** A relational tree as one statement. Rows are read by place: its columns are named `c1`, `c2` and so on. */
export interface PrintedRel extends SqlText {
  /** As the engine names and types the columns. The source may send wider types, which the connector casts. */
  readonly schema: Schema;
  /** The table's own column behind each column of the result; absent for what is computed. */
  readonly columns: readonly (SourceColumn | undefined)[];
  /** True where the tree ends in a sort: rows then come in its order. */
  readonly isOrdered: boolean;
}

/**
 * Writes a relational tree as one statement whose result is equal to the engine's; undefined where any part of it is not known to be:
 * a filter that could only be wider, a text that does not group, sort or join by its bytes, a function that is not on the profile's list,
 * a statement beyond the dialect's bounds.
 *
 * The columns of an aggregate are named by its keys that are columns, `group_0` for other keys, and `count_0`, `sum_1` for its calls.
 * Above a join a column is named alone where only one side has it, or behind the side's alias.
 *
 * @throws MillraceError `invalid_argument` for names that the source cannot hold.
 */
export function printRel(rel: Rel, source: RelSource): PrintedRel | undefined {
  const { dialect } = source;
  const marks = createParameterMarks();
  const names = createRelNames(dialect);
  const context: RelContext = { source, marks, names, print: (inner) => printNode(inner, context) };
  const query = context.print(rel);
  if (query === undefined) return undefined;
  const columns = query.columns.map((column) => ({
    ...column,
    sql: column.source?.readAs?.(column.sql) ?? column.sql,
  }));
  const { sql, parameters } = marks.render(selectText({ ...query, columns }, dialect, names), dialect, 1);
  if (parameters.length > dialect.maxParameters || Buffer.byteLength(sql) > dialect.maxStatementBytes) return undefined;
  return {
    sql,
    parameters,
    schema: { fields: columns.map(({ field }) => field) },
    columns: columns.map((column) => column.source),
    isOrdered: query.orderBy !== undefined && query.orderBy !== '',
  };
}

function printNode(rel: Rel, context: RelContext): RelQuery | undefined {
  switch (rel.kind) {
    case 'scan':
      return printScan(rel, context);
    case 'filter':
      return printFilter(rel, context);
    case 'project':
      return printProject(rel, context);
    case 'aggregate':
      return printAggregate(rel, context);
    case 'join':
      return printJoin(rel, context);
    case 'sort':
      return printSort(rel, context);
    case 'limit':
      return printLimit(rel, context);
    case 'union':
      return printUnion(rel, context);
    case 'values':
      return printValues(rel, context);
    default:
      return rel satisfies never;
  }
}

function printScan(
  { table, schema }: Extract<Rel, { kind: 'scan' }>,
  { source, names }: RelContext,
): RelQuery | undefined {
  const found = source.table(table, schema);
  if (found === undefined) return undefined;
  const alias = names.nextRelation();
  const columns: RelColumn[] = [];
  for (const field of schema.fields) {
    const column = found.columns.find((candidate) => candidate.field.name === field.name);
    if (column === undefined) return undefined;
    const sql = `${alias}.${quoteName(source.dialect, column.name)}`;
    columns.push({ field, sql, operand: toColumnOperand(column, sql, source), source: column });
  }
  return { from: `${found.from} AS ${alias}`, columns, where: [] };
}

function printFilter(
  { input, condition }: Extract<Rel, { kind: 'filter' }>,
  context: RelContext,
): RelQuery | undefined {
  const printed = context.print(input);
  if (printed === undefined || isVolatile(condition)) return undefined;
  const { source, names } = context;
  const query = isPlain(printed) ? printed : deriveQuery(printed, source.dialect, names);
  const written = toCondition(condition, 'true', createRelScope(query.columns, context).translation);
  return written?.degree === 'exact' ? { ...query, where: [...query.where, written.sql] } : undefined;
}

function printSort({ input, keys }: Extract<Rel, { kind: 'sort' }>, context: RelContext): RelQuery | undefined {
  const printed = context.print(input);
  if (printed === undefined || keys.some(({ expr }) => isVolatile(expr))) return undefined;
  const isCut = printed.limit !== undefined || printed.offset !== undefined;
  const query = isCut ? deriveQuery(printed, context.source.dialect, context.names) : printed;
  const orderBy = toOrderBy(keys, createRelScope(query.columns, context).translation);
  return orderBy === undefined ? undefined : { ...query, orderBy };
}

/** A limit of a limit is one limit again, so that the order which both cut stays in the same statement. */
function printLimit(
  { input, limit, offset = 0n }: Extract<Rel, { kind: 'limit' }>,
  context: RelContext,
): RelQuery | undefined {
  const query = context.print(input);
  if (query === undefined) return undefined;
  const left = query.limit === undefined ? undefined : query.limit > offset ? query.limit - offset : 0n;
  const rest = left === undefined ? limit : limit === undefined || left < limit ? left : limit;
  const skipped = (query.offset ?? 0n) + offset;
  const { limit: _, offset: __, ...uncut } = query;
  return { ...uncut, ...(rest !== undefined && { limit: rest }), ...(skipped > 0n && { offset: skipped }) };
}
