import { compileColumnTest, compileExpression, compilePredicate, sliceBatch } from '@millrace/arrow';
import { dataTypes, type Expr, type ScalarFunction } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { EDGES } from './edge-values.ts';
import { batchOf, call, column, literal } from './engine-oracle.ts';

const COMPARISONS: readonly ScalarFunction[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];
/** Types whose comparison with a literal runs on the raw buffers. */
const FAST = [
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'float32',
  'float64',
  'decimal9',
  'decimal38',
  'date',
  'timestamp',
  'timestampZoned',
  'timestampNanos',
  'utf8',
];

describe('predicates on raw buffers', () => {
  for (const [name, edge] of Object.entries(EDGES))
    it(`equal the evaluator for ${name}`, () => {
      const whole = batchOf([{ name: 'a', ...edge }]);
      const subject = column('a', edge.type);
      let fast = 0;
      const verify = (expr: Expr): void => {
        fast += compileColumnTest(expr, whole.schema) === undefined ? 0 : 1;
        for (const batch of [whole, sliceBatch(whole, 1, whole.numRows)]) {
          const evaluated = compileExpression(expr, batch.schema)!.bind(batch);
          const test = compilePredicate(expr, batch.schema)!.bind(batch);
          for (let row = 0; row < batch.numRows; row++) expect(test(row)).toBe(evaluated(row) === true);
        }
      };
      for (const value of edge.values)
        for (const comparison of COMPARISONS) {
          const bound = literal(value as null, edge.type);
          verify(call(comparison, dataTypes.bool(), subject, bound));
          verify(call(comparison, dataTypes.bool(), bound, subject));
        }
      verify(call('is_null', dataTypes.bool(), subject));
      verify(call('is_not_null', dataTypes.bool(), subject));
      expect(fast > 0).toBe(FAST.includes(name));
    });
});
