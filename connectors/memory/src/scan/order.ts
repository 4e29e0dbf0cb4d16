import {
  type Compiled,
  commonForm,
  compileExpression,
  type LiteralLike,
  type Scalar,
  valueForm,
} from '@millrace/arrow';
import { type RecordBatch, type Schema, type SortKey, TypeId } from '@millrace/core';

/** The sort keys of a batch, key by key. */
export type KeyColumns = readonly (readonly (Scalar | null)[])[];

/** An order that can be computed here. */
export interface RowOrder {
  /** Reads the keys of a batch's rows. */
  readKeys(batch: RecordBatch): KeyColumns;
  /** Negative, zero or positive. */
  compare(left: KeyColumns, leftRow: number, right: KeyColumns, rightRow: number): number;
}

/**
 * Prepares an order; undefined where some key has no order that is known to be the engine's. An enumeration orders by its definition
 * there, so a dictionary is not ordered here.
 */
export function planOrder(keys: readonly SortKey[], schema: Schema): RowOrder | undefined {
  const parts = keys.map((key) => planKey(key, schema));
  if (!parts.every((part) => part !== undefined)) return undefined;
  return {
    readKeys: (batch) => parts.map((part) => readKey(part, batch)),
    compare(left, leftRow, right, rightRow) {
      for (let index = 0; index < parts.length; index++) {
        const part = parts[index]!;
        const a = left[index]![leftRow]!;
        const b = right[index]![rightRow]!;
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

function readKey(part: KeyPart, batch: RecordBatch): readonly (Scalar | null)[] {
  const evaluate = part.compiled.bind(batch);
  const values: (Scalar | null)[] = [];
  for (let row = 0; row < batch.numRows; row++) {
    const value = evaluate(row);
    values.push(value === null ? null : part.toScalar(value));
  }
  return values;
}

interface KeyPart {
  readonly compiled: Compiled;
  readonly toScalar: (value: NonNullable<LiteralLike>) => Scalar;
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
