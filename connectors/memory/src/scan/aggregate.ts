import {
  type Breather,
  type Compiled,
  commonForm,
  compileExpression,
  composeKey,
  type KeyPart,
  type LiteralLike,
  scalarKey,
} from '@millrace/arrow';
import {
  type ColumnData,
  type Expr,
  type Field,
  type RecordBatch,
  type ScanRequest,
  type Schema,
  TypeId,
} from '@millrace/core';
import { columnFromValues } from '../column-from-values.ts';
import { type Accumulator, type AccumulatorState, planAccumulator } from './accumulator.ts';
import type { SelectedRows } from './source.ts';

/** Rows that are added up between two looks at the clock. */
const WINDOW_ROWS = 8192;

/** An aggregate that can be computed here. */
export interface Aggregation {
  /** Group keys, then calls, in the order of the request. */
  readonly schema: Schema;
  /** Rewrites an expression over the input into one over the output where it is, or contains, a group key. */
  overOutput(expr: Expr): Expr;
  run(selections: AsyncIterable<SelectedRows>, breather: Breather): AsyncGenerator<RecordBatch>;
}

/**
 * Prepares an aggregate; undefined where some key or call is not known to equal the engine's.
 *
 * A key that is a column keeps its name, another one is called `group_0` and so on by its place; calls are `count_0`, `sum_1` and so on.
 * Without keys there is one group, also over no rows.
 */
export function planAggregation(
  { groupBy, calls }: NonNullable<ScanRequest['aggregate']>,
  schema: Schema,
): Aggregation | undefined {
  const keys = groupBy.map((expr) => planGroupKey(expr, schema));
  const accumulators = calls.map((call) => planAccumulator(call, schema));
  if (!keys.every((key) => key !== undefined)) return undefined;
  if (!accumulators.every((accumulator) => accumulator !== undefined)) return undefined;
  const fields: Field[] = [
    ...keys.map((key, index) => ({ name: keyName(groupBy[index]!, index), type: key.compiled.type, nullable: true })),
    ...accumulators.map((accumulator, index) => ({
      name: `${calls[index]!.function}_${index}`,
      type: accumulator.type,
      nullable: calls[index]!.function !== 'count',
    })),
  ];
  const keyTexts = groupBy.map(expressionText);
  const overOutput = (expr: Expr): Expr => {
    const index = keyTexts.indexOf(expressionText(expr));
    if (index >= 0) return { kind: 'column', path: [fields[index]!.name], type: fields[index]!.type };
    return expr.kind === 'call' ? { ...expr, args: expr.args.map(overOutput) } : expr;
  };
  return {
    schema: { fields },
    overOutput,
    run: (selections, breather) => aggregateRows({ fields, keys, accumulators, selections, breather }),
  };
}

interface GroupKey {
  readonly compiled: Compiled;
  readonly toKey: (value: LiteralLike) => KeyPart;
}

interface Group {
  readonly keyValues: readonly LiteralLike[];
  readonly states: readonly AccumulatorState[];
}

function planGroupKey(expr: Expr, schema: Schema): GroupKey | undefined {
  const compiled = compileExpression(expr, schema);
  if (compiled === undefined || compiled.type.typeId === TypeId.Dictionary) return undefined;
  const form = commonForm(compiled.type, compiled.type);
  if (form === undefined) return undefined;
  return { compiled, toKey: (value) => (value === null ? null : scalarKey(form.left(value))) };
}

async function* aggregateRows(request: {
  readonly fields: readonly Field[];
  readonly keys: readonly GroupKey[];
  readonly accumulators: readonly Accumulator[];
  readonly selections: AsyncIterable<SelectedRows>;
  readonly breather: Breather;
}): AsyncGenerator<RecordBatch> {
  const { fields, keys, accumulators, breather } = request;
  const groups = new Map<unknown, Group>();
  const create = (keyValues: readonly LiteralLike[]): Group => ({
    keyValues,
    states: accumulators.map((accumulator) => accumulator.create()),
  });
  if (keys.length === 0) groups.set('', create([]));

  for await (const { batch, rows } of request.selections) {
    const readKeys = keys.map((key) => key.compiled.bind(batch));
    const add = accumulators.map((accumulator) => accumulator.bind(batch));
    const count = rows === 'all' ? batch.numRows : rows.length;
    for (let start = 0; start < count; start += WINDOW_ROWS) {
      const end = Math.min(start + WINDOW_ROWS, count);
      for (let index = start; index < end; index++) {
        const row = rows === 'all' ? index : rows[index]!;
        const keyValues = readKeys.map((read) => read(row));
        const groupKey = groupKeyOf(keys, keyValues);
        let group = groups.get(groupKey);
        if (group === undefined) {
          group = create(keyValues);
          groups.set(groupKey, group);
        }
        for (const [ordinal, addRow] of add.entries()) addRow(group.states[ordinal]!, row);
      }
      await breather.breathe();
    }
  }
  if (groups.size > 0) yield buildResult(fields, keys.length, [...groups.values()]);
}

function buildResult(fields: readonly Field[], keyCount: number, groups: readonly Group[]): RecordBatch {
  const children: ColumnData[] = fields.map((field, ordinal) =>
    columnFromValues(field.type, groups.length, (row) => {
      const group = groups[row]!;
      return ordinal < keyCount ? group.keyValues[ordinal]! : group.states[ordinal - keyCount]!.result();
    }),
  );
  return { schema: { fields }, numRows: groups.length, data: { children } };
}

/** One key stands for itself. */
function groupKeyOf(keys: readonly GroupKey[], values: readonly LiteralLike[]): KeyPart {
  if (keys.length === 1) return keys[0]!.toKey(values[0]!);
  return composeKey(keys.map((key, index) => key.toKey(values[index]!)));
}

function keyName(expr: Expr, index: number): string {
  return expr.kind === 'column' ? expr.path.at(-1)! : `group_${index}`;
}

function expressionText(expr: Expr): string {
  return JSON.stringify(expr, (key, value: unknown) => {
    if (key === 'type') return undefined;
    if (typeof value === 'bigint') return `${value}n`;
    return value instanceof Uint8Array ? [...value] : value;
  });
}
