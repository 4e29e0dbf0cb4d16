import { createValueReader, takeRows } from '@millrace/arrow';
import { dataTypes, type Expr, type OnConflict } from '@millrace/core';
import { condition, literalOf } from '../../src/expressions.ts';
import { mapValues, rewriteAll } from '../mutate.ts';
import {
  type AcceleratorMutant,
  acceleratedMutant,
  batchMutant,
  commandMutant,
  override,
  refreshMutant,
} from './mutate-accelerator.ts';

const FALSE = literalOf(dataTypes.bool(), false);

/** Replaces other rows than the filters name. */
function filterMutant(name: string, found: readonly string[], rewrite: (expr: Expr) => Expr): AcceleratorMutant {
  return refreshMutant(name, found, ({ mode }) => ({
    mode:
      mode.kind === 'overwrite_where'
        ? { ...mode, filters: mode.filters.map((filter) => rewriteAll(filter, rewrite)) }
        : mode,
  }));
}

function ruleMutant(name: string, found: string, from: OnConflict, to: OnConflict): AcceleratorMutant {
  return commandMutant(name, [found], (command) =>
    (command.onConflict ?? 'upsert') === from ? { ...command, onConflict: to } : command,
  );
}

const isCall = (expr: Expr, name: string): expr is Extract<Expr, { readonly kind: 'call' }> =>
  expr.kind === 'call' && expr.function === name;

/** Accelerators whose windows or keys are wrong. */
export const APPEND_MUTANTS: readonly AcceleratorMutant[] = [
  filterMutant('leaves the bound out of the window', ['append/ties-at-the-bound', 'append/random-schedules'], (expr) =>
    isCall(expr, 'ge') ? { ...expr, function: 'gt' } : expr,
  ),
  refreshMutant('only adds rows', ['append/late-rows', 'append/random-schedules'], ({ mode }) => ({
    mode: mode.kind === 'overwrite_where' ? { ...mode, filters: [FALSE] } : mode,
  })),
  commandMutant('takes equal rows for one', ['append/duplicates-stay'], (command) => ({
    ...command,
    primaryKey: command.schema.fields.map(({ name }) => name),
    onConflict: 'upsert_dedup',
  })),
  filterMutant('keeps rows without a time', ['append/missing-times', 'append/random-schedules'], (expr) =>
    isCall(expr, 'is_null') ? FALSE : expr,
  ),
  filterMutant('takes unknown for true', ['append/missing-times'], (expr) =>
    isCall(expr, 'ge') ? condition('or', expr, condition('is_null', expr.args[0]!)) : expr,
  ),
  countingWrittenRows(),
  filterMutant('compares through numbers', ['append/filters-of-every-type'], (expr) =>
    expr.kind === 'literal' && typeof expr.value === 'bigint' ? { ...expr, value: BigInt(Number(expr.value)) } : expr,
  ),
  ruleMutant('lets the last row win silently', 'conflict/upsert', 'upsert', 'upsert_dedup_by_row_id'),
  ruleMutant('takes drop for upsert', 'conflict/drop', 'drop', 'upsert_dedup_by_row_id'),
  ruleMutant('refuses equal rows', 'conflict/upsert-dedup', 'upsert_dedup', 'upsert'),
  ruleMutant('takes different rows for equal ones', 'conflict/upsert-dedup', 'upsert_dedup', 'upsert_dedup_by_row_id'),
  ruleMutant('lets the first row win', 'conflict/upsert-dedup-by-row-id', 'upsert_dedup_by_row_id', 'drop'),
  commandMutant('looks at the first column of a key', ['conflict/composite-keys'], (command) => ({
    ...command,
    ...(command.primaryKey && { primaryKey: command.primaryKey.slice(0, 1) }),
  })),
  batchMutant('reads keys through numbers', ['conflict/keys-by-value'], (batch) =>
    mapValues(batch, (value) => (typeof value === 'bigint' && value < 2n ** 62n ? BigInt(Number(value)) : value)),
  ),
  batchMutant('leaves rows without a key out', ['conflict/missing-keys'], (batch) => {
    const read = createValueReader(batch.data.children[0]!);
    return takeRows(
      batch,
      Array.from({ length: batch.numRows }, (_, row) => row).filter((row) => read(row) !== null),
    );
  }),
  commandMutant(
    'forgets the key',
    ['conflict/keys-hold-after-many-refreshes'],
    ({ primaryKey: _, ...command }) => command,
  ),
  commandMutant('forgets unique indexes', ['conflict/unique-indexes'], ({ indexes: _, ...command }) => command),
  commandMutant('makes every index unique', ['conflict/plain-indexes-change-nothing'], (command) => ({
    ...command,
    ...(command.indexes && { indexes: command.indexes.map((index) => ({ ...index, unique: true })) }),
  })),
];

function countingWrittenRows(): AcceleratorMutant {
  return acceleratedMutant('counts the written rows alone', ['append/counts-and-checkpoints'], (table) => {
    let rowCount = 0n;
    return {
      get checkpoint() {
        return table.checkpoint && { ...table.checkpoint, rowCount };
      },
      async beginRefresh(request, context) {
        const session = await table.beginRefresh(request, context);
        return override(session, {
          async commit(checkpoint) {
            const result = await session.commit(checkpoint);
            rowCount = result.rowCount;
            return result;
          },
        });
      },
    };
  });
}
