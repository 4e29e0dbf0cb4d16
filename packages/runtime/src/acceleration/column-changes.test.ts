import { dataTypes, type Field, field } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { compareColumns, describeChanges, hasChanges, isAdditive } from './column-changes.ts';

function notNull(column: Field): Field {
  return { ...column, nullable: false };
}

const { int32, int64, utf8, float32, float64, decimal } = dataTypes;
const id = notNull(field('id', int32()));
const compare = (before: readonly Field[], after: readonly Field[]) =>
  compareColumns({ fields: before }, { fields: after });

describe('changes of columns', () => {
  it('are none for the same columns, another order, other metadata, and fewer nulls', () => {
    const note = field('note', utf8());
    expect(hasChanges(compare([id, note], [id, note]))).toBe(false);
    expect(hasChanges(compare([id, note], [note, id]))).toBe(false);
    expect(hasChanges(compare([note], [{ ...note, nullable: false }]))).toBe(false);
    expect(hasChanges(compare([note], [{ ...note, metadata: new Map([['comment', 'x']]) }]))).toBe(false);
  });

  it('are told in words', () => {
    const before = [id, field('a', int32()), field('b', utf8()), notNull(field('c', int32()))];
    const after = [id, field('a', int64()), field('c', int32()), field('d', utf8())];
    const changes = compare(before, after);
    expect(describeChanges(changes)).toBe('d utf8 is new, b is gone, a int32 is int64 now, c may be null now');
    expect(isAdditive(changes)).toBe(false);
  });

  it('know columns by their names in their own case', () => {
    expect(compare([id], [{ ...id, name: 'ID' }])).toMatchObject({
      added: [{ name: 'ID' }],
      removed: [{ name: 'id' }],
    });
  });

  it.each([
    [int32(), int64(), 'widened'],
    [int64(), int32(), 'retyped'],
    [dataTypes.uint32(), int64(), 'widened'],
    [dataTypes.uint32(), int32(), 'retyped'],
    [int32(), dataTypes.uint64(), 'retyped'],
    [float32(), float64(), 'widened'],
    [float64(), float32(), 'retyped'],
    [decimal(10, 2), decimal(12, 2), 'widened'],
    [decimal(10, 2), decimal(12, 4), 'widened'],
    [decimal(10, 2), decimal(11, 4), 'retyped'],
    [decimal(10, 2), decimal(10, 1), 'retyped'],
    [int32(), float64(), 'retyped'],
    [utf8(), int32(), 'retyped'],
  ] as const)('of %o to %o are %s', (before, after, kind) => {
    const changes = compare([field('x', before)], [field('x', after)]);
    expect(changes[kind]).toHaveLength(1);
    expect(isAdditive(changes)).toBe(kind === 'widened');
  });
});
