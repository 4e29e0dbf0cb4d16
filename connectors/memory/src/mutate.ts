import {
  type Breather,
  type Compiled,
  compileExpression,
  createBreather,
  type Predicate,
  planFilter,
  schemasEqual,
  typesEqual,
} from '@millrace/arrow';
import {
  type Explanation,
  type Expr,
  MillraceError,
  type Mutation,
  type MutationPlan,
  type RecordBatch,
  type ScanContext,
  type Schema,
} from '@millrace/core';
import { makeChunks } from './chunks.ts';
import { columnFromValues } from './column-from-values.ts';
import { hasNull, notNull } from './conform-batch.ts';
import { checkConstraints, runStepsAsync } from './constraints.ts';
import { type Chunk, countRows, NO_CHANGES, type RowChanges, type Snapshot, type TableShape } from './snapshot.ts';
import { splitChunks } from './split-chunks.ts';
import type { NextSnapshot, StoredTable } from './stored-table.ts';

/** One column of an update. */
interface Assignment {
  readonly ordinal: number;
  readonly compiled: Compiled;
}

/**
 * Plans a delete, an update or a truncate. Undefined where a filter or a new value is not known to equal the engine's; the new values of
 * an update all see the row as it was.
 */
export function planMutation(request: {
  readonly stored: StoredTable;
  readonly shape: TableShape;
  readonly mutation: Mutation;
}): MutationPlan | undefined {
  const { stored, shape, mutation } = request;
  const explain = (): Explanation => ({ source: `memory table ${stored.name}`, statement: mutation.kind });
  switch (mutation.kind) {
    case 'truncate':
      return {
        explain,
        run: (context) =>
          change(stored, shape.schema, context, async (base) => ({
            next: { chunks: [], rowCount: 0, changes: { ...NO_CHANGES, deleted: base.chunks } },
            rowCount: base.rowCount,
          })),
      };
    case 'delete': {
      const predicates = exactPredicates(mutation.filters, shape.schema);
      if (predicates === undefined) return undefined;
      return {
        explain,
        run: (context) =>
          change(stored, shape.schema, context, async (base, breather) => {
            const { selected, rest } = await splitChunks(base.chunks, predicates, breather);
            const rowCount = countRows(selected);
            return {
              next: { chunks: rest, rowCount: base.rowCount - rowCount, changes: { ...NO_CHANGES, deleted: selected } },
              rowCount,
            };
          }),
      };
    }
    case 'update': {
      const predicates = exactPredicates(mutation.filters, shape.schema);
      const assignments = planAssignments(mutation.set, shape.schema);
      if (predicates === undefined || assignments === undefined) return undefined;
      return {
        explain,
        run: (context) =>
          change(stored, shape.schema, context, async (base, breather) => {
            const { selected, rest } = await splitChunks(base.chunks, predicates, breather);
            const updated = selected.map((before) => ({
              before,
              after: { batch: assign(stored.name, before.batch, assignments), rowIds: before.rowIds },
            }));
            await runStepsAsync(
              checkConstraints({
                table: stored.name,
                schema: shape.schema,
                constraints: base.shape.constraints,
                kept: rest.map((chunk) => chunk.batch),
                added: updated.map(({ after }) => after.batch),
              }),
              () => breather.breathe(),
            );
            return { next: placeUpdated(stored, base, rest, updated), rowCount: countRows(selected) };
          }),
      };
    }
    default: {
      const never: never = mutation;
      return never;
    }
  }
}

/** Runs one change as one version; a change that touches no row makes none. */
async function change(
  stored: StoredTable,
  schema: Schema,
  context: ScanContext,
  build: (base: Snapshot, breather: Breather) => Promise<{ readonly next: NextSnapshot; readonly rowCount: number }>,
): Promise<{ readonly rowCount: bigint }> {
  const breather = createBreather(`table ${stored.name}`, context.signal);
  let changed = 0;
  await stored.change(async (base) => {
    await breather.breathe();
    if (!schemasEqual(base.shape.schema, schema))
      throw new MillraceError({
        code: 'conflict',
        component: `table ${stored.name}`,
        connector: 'memory',
        message: 'the columns were altered after the change was planned',
        hint: 'Load the table and plan it again',
      });
    const { next, rowCount } = await build(base, breather);
    changed = rowCount;
    return rowCount === 0 ? undefined : next;
  });
  return { rowCount: BigInt(changed) };
}

function exactPredicates(filters: readonly Expr[], schema: Schema): readonly Predicate[] | undefined {
  const plans = filters.map((filter) => planFilter(filter, schema));
  return plans.every((plan) => plan.degree === 'exact') ? plans.flatMap((plan) => plan.predicates) : undefined;
}

function planAssignments(set: Readonly<Record<string, Expr>>, schema: Schema): readonly Assignment[] | undefined {
  const assignments: Assignment[] = [];
  for (const [name, expr] of Object.entries(set)) {
    const ordinal = schema.fields.findIndex((field) => field.name === name);
    const compiled = compileExpression(expr, schema);
    if (ordinal < 0 || compiled === undefined) return undefined;
    const isNull = expr.kind === 'literal' && expr.value === null;
    if (!isNull && !typesEqual(compiled.type, schema.fields[ordinal]!.type)) return undefined;
    assignments.push({ ordinal, compiled });
  }
  return assignments;
}

/** @throws MillraceError `integrity` for a null where none may be, `invalid_data` for a value out of range. */
function assign(table: string, batch: RecordBatch, assignments: readonly Assignment[]): RecordBatch {
  const children = [...batch.data.children];
  for (const { ordinal, compiled } of assignments) {
    const field = batch.schema.fields[ordinal]!;
    const column = columnFromValues(field.type, batch.numRows, compiled.bind(batch));
    if (!field.nullable && hasNull(column)) throw notNull(table, field.name);
    children[ordinal] = column;
  }
  return { schema: batch.schema, numRows: batch.numRows, data: { children } };
}

/** Rows stay in their bucket; where partition columns changed, they move to that of their new key. */
function placeUpdated(
  stored: StoredTable,
  base: Snapshot,
  rest: readonly Chunk[],
  updated: readonly { readonly before: Chunk; readonly after: RowChanges['inserted'][number] }[],
): NextSnapshot {
  const { shape } = base;
  const placed: readonly Chunk[] =
    shape.partitionColumns.length === 0
      ? updated.map(({ before, after }) => ({ ...before, ...after }))
      : makeChunks({
          table: stored.name,
          shape,
          rows: updated.map(({ after }) => after),
          partitionCount: stored.partitionCount,
          spread: 'round_robin',
          chunkCount: rest.length,
        });
  return { chunks: [...rest, ...placed], rowCount: base.rowCount, changes: { ...NO_CHANGES, updated } };
}
