import { type RecordBatch, type Schema, type SortKey, TypeId } from '@millrace/core';
import { compileExpression } from '../expression/compile.ts';
import type { Compiled, Value } from '../expression/compiled.ts';
import { commonForm, type Scalar, valueForm } from '../expression/value-form.ts';

/** The keys of one row, in the order of the sort keys. */
export type KeyRow = readonly (Scalar | null)[];

/** An order that can be computed here. */
export interface RowOrder {
  /** Reads the keys of a batch's rows. */
  bind(batch: RecordBatch): (row: number) => KeyRow;
  /** Negative, zero or positive. */
  compare(left: KeyRow, right: KeyRow): number;
}

/**
 * Prepares an order; undefined where some key has no order that is known to be the engine's. An enumeration orders by its definition
 * there, so a dictionary is not ordered here.
 */
export function planOrder(keys: readonly SortKey[], schema: Schema): RowOrder | undefined {
  const parts = keys.map((key) => planKey(key, schema));
  if (!parts.every((part) => part !== undefined)) return undefined;
  return {
    bind(batch) {
      const reads = parts.map((part) => {
        const evaluate = part.compiled.bind(batch);
        return (row: number): Scalar | null => {
          const value = evaluate(row);
          return value === null ? null : part.toScalar(value);
        };
      });
      return (row) => reads.map((read) => read(row));
    },
    compare(left, right) {
      for (const [index, part] of parts.entries()) {
        const a = left[index]!;
        const b = right[index]!;
        if (a === null || b === null) {
          if (a === b) continue;
          return (a === null) === part.nullsFirst ? -1 : 1;
        }
        const order = part.compare(a, b);
        if (order !== 0) return part.descending ? -order : order;
      }
      return 0;
    },
  };
}

interface KeyPart {
  readonly compiled: Compiled;
  readonly toScalar: (value: NonNullable<Value>) => Scalar;
  readonly compare: (left: Scalar, right: Scalar) => number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

function planKey(key: SortKey, schema: Schema): KeyPart | undefined {
  const compiled = compileExpression(key.expr, schema);
  if (compiled === undefined || compiled.type.typeId === TypeId.Dictionary) return undefined;
  const form = commonForm(compiled.type, compiled.type);
  if (form === undefined || valueForm(compiled.type) === 'null') return undefined;
  return {
    compiled,
    toScalar: form.left,
    compare: form.compare,
    descending: key.descending,
    nullsFirst: key.nullsFirst,
  };
}
