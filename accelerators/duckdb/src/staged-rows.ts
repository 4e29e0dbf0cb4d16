import { changeSchema, datasetComponent, type Expr, isVolatile, MillraceError, type WriteMode } from '@millrace/core';
import { quoteIdentifier, toConjunctionSql, toExpressionSql } from '@millrace/duckdb';
import { isThere, resolveChanges } from './change-rows.ts';
import { fieldFinder } from './field-finder.ts';
import { freeName } from './free-name.ts';
import { createIndexes, wantedIndexes } from './indexes.ts';
import { conflictRule, haveSame, needsOrder, resolveConflicts } from './key-conflicts.ts';
import type { LoadTarget, LoadTargetParts, SettledVersion } from './load-target.ts';
import { rollBack } from './roll-back.ts';
import { columnDefinitions } from './stored-schema.ts';

/** A refresh that replaces all rows, those of a window, or those that changes name. */
export type RefreshWrite = Extract<WriteMode, { readonly kind: 'overwrite' | 'overwrite_where' | 'changes' }>;

/** A temporary table belongs to its connection, has no part in the file, and may be written to beside it. */
const STAGE = '__millrace_written';
const STAGED = `temp.main.${STAGE}`;

/** Fewer dead rows are not worth a copy of the others. */
const TOLERATED_DEAD_ROWS = 20_480n;

/**
 * Loads the rows aside. In the end, and in one transaction, they take the place of those of the window in the current version; a next
 * version is made instead where the table has indexes, too many dead rows, or no row that stays. Of changes, no row is in a window: those of their keys give
 * way, and the last change of each key says whether there is one again.
 *
 * Dead rows are those that were deleted and still take space, until a checkpoint finds nobody reading the table. With this a version has
 * at most half as many of them as rows, apart from 20,480.
 *
 * @throws MillraceError `unsupported` for a filter that has no exact form in SQL.
 */
export function createStagedRows(parts: LoadTargetParts, mode: RefreshWrite): LoadTarget {
  const { connection, command, schema, names, current, signal, clusterOrder } = parts;
  const change = mode.kind === 'changes' ? freeName('__millrace_change', schema) : undefined;
  const ordinal = change !== undefined || needsOrder(command) ? freeName('__millrace_ordinal', schema) : undefined;
  const window = mode.kind === 'overwrite_where' ? windowSql(parts, mode.filters) : undefined;
  const columns = schema.fields.map(({ name }) => quoteIdentifier(name)).join(', ');
  const staged = `SELECT ${columns} FROM ${STAGED}${change === undefined ? '' : ` WHERE ${isThere(change)}`}`;
  const inOrder = clusterOrder.length === 0 ? '' : ` ORDER BY ${clusterOrder.join(', ')}`;
  const options = { signal };
  const table = names.quoted(names.version(current));
  const rule = conflictRule(command);
  const run = (sql: string): Promise<bigint> => connection.run(sql, undefined, options);

  const makeVersion = async (version: number, queries: readonly string[]): Promise<bigint> => {
    const target = names.quoted(names.version(version));
    await run(`CREATE TABLE ${target} (${columnDefinitions(schema)})`);
    let rowCount = 0n;
    // All rows of a version are put into one order.
    const inserts = inOrder === '' ? queries : [`FROM (${queries.join(' UNION ALL ')})${inOrder}`];
    for (const query of inserts) rowCount += await run(`INSERT INTO ${target} (${columns}) ${query}`);
    await createIndexes({ connection, names, version, command, signal });
    return rowCount;
  };

  /** Under `drop` a written row whose key is there already does not count; under any other rule it wins. */
  const isDropping = rule?.onConflict === 'drop' && change === undefined;
  const dropped = isDropping ? rule.key : undefined;
  const winning = isDropping ? undefined : rule?.key;
  const dropKnown = (others: string): Promise<bigint> | bigint =>
    dropped === undefined
      ? 0n
      : run(`DELETE FROM ${STAGED} AS s WHERE EXISTS (FROM ${others} AS t WHERE ${haveSame(dropped, 's', 't')})`);

  const makeNext = async (condition: string, resolvedCount: bigint): Promise<SettledVersion> => {
    const version = current + 1;
    const outside = `(SELECT ${columns} FROM ${table} WHERE (${condition}) IS NOT TRUE)`;
    const writtenCount = resolvedCount - (await dropKnown(outside));
    const isReplaced = winning ? `ANTI JOIN ${STAGED} AS s ON ${haveSame(winning, 't', 's')}` : '';
    const stays = `SELECT t.* FROM ${outside} AS t ${isReplaced}`;
    return { version, rowCount: await makeVersion(version, [stays, staged]), writtenCount };
  };

  const changeInPlace = async (condition: string, resolvedCount: bigint): Promise<SettledVersion> => {
    await run(`DELETE FROM ${table} WHERE ${condition}`);
    if (winning)
      await run(`DELETE FROM ${table} AS t WHERE EXISTS (FROM ${STAGED} AS s WHERE ${haveSame(winning, 't', 's')})`);
    const writtenCount = resolvedCount - (await dropKnown(table));
    const [counted] = await connection.rows(`SELECT count(*) FROM ${table}`, undefined, options);
    const live = BigInt(String(counted?.[0] ?? 0));
    const { storedCount } = await describeTable(parts);
    const dead = storedCount - live;
    const rowCount = live + writtenCount;
    if (dead > TOLERATED_DEAD_ROWS && dead > rowCount / 2n) {
      const version = current + 1;
      await makeVersion(version, [`SELECT ${columns} FROM ${table}`, staged]);
      return { version, rowCount, writtenCount };
    }
    if (writtenCount > 0n) await run(`INSERT INTO ${table} (${columns}) ${staged}${inOrder}`);
    return { version: current, rowCount, writtenCount };
  };

  const replace = async (condition: string, resolvedCount: bigint): Promise<SettledVersion> => {
    // What was loaded under another refresh mode may have an index that is not wanted any more.
    const isIndexed = wantedIndexes(command).length > 0 || (await describeTable(parts)).indexCount > 0;
    return isIndexed ? makeNext(condition, resolvedCount) : changeInPlace(condition, resolvedCount);
  };
  const replaceAll = async (resolvedCount: bigint): Promise<SettledVersion> => {
    const version = current + 1;
    return { version, rowCount: await makeVersion(version, [staged]), writtenCount: resolvedCount };
  };

  let isBegun = false;
  return {
    table: STAGED,
    ordinal,
    async prepare() {
      if (isBegun) await rollBack(connection);
      isBegun = false;
      const counter = ordinal === undefined ? '' : `, ${quoteIdentifier(ordinal)} DOUBLE`;
      // A row that is gone has no more than its key.
      const held = change === undefined ? schema : { fields: changeSchema(schema).fields.slice(0, -1) };
      const kind = change === undefined ? '' : `, ${quoteIdentifier(change)} VARCHAR NOT NULL`;
      await connection.run(`CREATE OR REPLACE TEMP TABLE ${STAGE} (${columnDefinitions(held)}${kind}${counter})`);
    },
    async settle(loadedCount) {
      await connection.run('BEGIN TRANSACTION');
      isBegun = true;
      if (change !== undefined && ordinal !== undefined) {
        const primaryKey = rule?.key ?? [];
        const { thereCount, others } = await resolveChanges({ ...parts, table: STAGED, primaryKey, ordinal, change });
        const settled = await (others === 'gone' ? replaceAll(thereCount) : replace('false', thereCount));
        return { ...settled, writtenCount: loadedCount };
      }
      const removed = await resolveConflicts({ connection, command, schema, table: STAGED, ordinal, signal });
      const resolvedCount = loadedCount - removed;
      return window === undefined ? replaceAll(resolvedCount) : replace(window, resolvedCount);
    },
  };
}

/** Every filter is TRUE; no filter is true for all rows. */
function windowSql({ command, schema }: LoadTargetParts, filters: readonly Expr[]): string {
  const fieldOf = fieldFinder(schema);
  const conjuncts = filters.map((expr) => {
    const sql = isVolatile(expr) ? undefined : toExpressionSql(expr, fieldOf);
    if (sql !== undefined) return { expr, sql };
    throw new MillraceError({
      code: 'unsupported',
      component: datasetComponent(command),
      connector: 'duckdb',
      message: 'the rows to be replaced are chosen by a filter that DuckDB cannot be told exactly',
      hint: 'Compare columns with literals, or refresh in full',
    });
  });
  return toConjunctionSql(conjuncts) ?? 'true';
}

interface StoredTable {
  /** Rows that take space, those deleted in the connection's transaction or before among them. */
  readonly storedCount: bigint;
  readonly indexCount: number;
}

async function describeTable({ connection, names, current, signal }: LoadTargetParts): Promise<StoredTable> {
  const [row] = await connection.rows(
    `SELECT estimated_size, index_count FROM duckdb_tables()
     WHERE database_name = $1 AND lower(schema_name) = lower($2) AND lower(table_name) = lower($3)`,
    [names.alias, names.schemaName, names.version(current)],
    { signal },
  );
  return { storedCount: BigInt(String(row?.[0] ?? 0)), indexCount: Number(row?.[1] ?? 0) };
}
