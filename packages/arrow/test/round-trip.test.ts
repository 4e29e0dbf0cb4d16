import { type DataType, TypeId } from '@millrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BuildValue,
  createColumnBuilder,
  createLiteralReader,
  createValueReader,
  describeType,
  type LiteralLike,
  type RowValue,
} from '../src/index.ts';
import { columnValues, nestedSamples, nestedTypes, scalarTypes } from './type-arbitraries.ts';

const NUM_RUNS = process.env.MILLRACE_TEST_FULL ? 500 : 15;
const twoLevels = nestedSamples.filter(({ type }) => type.typeId !== TypeId.Dictionary).flatMap((t) => nestedTypes(t));
const samples = [...scalarTypes, ...nestedSamples, ...twoLevels.filter((_, ordinal) => ordinal % 5 === 0)];

describe.each(samples.map((sample) => ({ name: describeType(sample.type), sample })))('$name', ({ sample }) => {
  it('gives back the literals that it was built from', () => {
    fc.assert(
      fc.property(columnValues(sample), (values) => {
        expect(readAll(sample.type, values)).toEqual(values);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  if (holdsUnion(sample.type)) return;
  it('can be rebuilt from the values that users see', () => {
    fc.assert(
      fc.property(columnValues(sample), (values) => {
        const shown = valuesOf(sample.type, values);
        expect(readAll(sample.type, shown)).toEqual(values);
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

function readAll(type: DataType, values: readonly (BuildValue | null)[]): LiteralLike[] {
  const column = build(type, values);
  const read = createLiteralReader(column);
  return values.map((_, row) => read(row));
}

function valuesOf(type: DataType, values: readonly (BuildValue | null)[]): RowValue[] {
  const read = createValueReader(build(type, values));
  return values.map((_, row) => read(row));
}

function build(type: DataType, values: readonly (BuildValue | null)[]) {
  const builder = createColumnBuilder(type, 2);
  for (const value of values) builder.append(value);
  return builder.finish();
}

/** The plain value of a union does not say which child it is of. */
function holdsUnion(type: DataType): boolean {
  const inner = [...(type.children ?? []).map((child) => child.type), ...(type.dictionary ? [type.dictionary] : [])];
  return type.typeId === TypeId.Union || inner.some(holdsUnion);
}
