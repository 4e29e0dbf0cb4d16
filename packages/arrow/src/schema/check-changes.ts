import {
  type ChangeType,
  changeSchema,
  type ErrorCode,
  MillraceError,
  type RecordBatch,
  type Schema,
} from '@millrace/core';
import { createNullTest } from '../evaluate/null-test.ts';
import { normalizeColumn } from '../reshape/normalize-column.ts';
import { type BatchTaker, checkColumns } from './check-columns.ts';

/** The table that change rows are written to. */
export interface ChangedTable extends BatchTaker {
  /** Its own columns, as the source has them. */
  readonly schema: Schema;
  /** Ordinals of the columns of its primary key. */
  readonly key: readonly number[];
}

/** What each kind of change makes of the row of its key; `all_gone` concerns every row. */
const EFFECTS: Readonly<Record<ChangeType, ChangeEffect>> = {
  insert: 'there',
  update_postimage: 'there',
  delete: 'gone',
  update_preimage: 'gone',
  truncate: 'all_gone',
};

/** What is true after a change. */
export type ChangeEffect = 'there' | 'gone' | 'all_gone';

/** The kinds of changes that have an effect. */
export function changeTypesOf(effect: ChangeEffect): readonly ChangeType[] {
  return (Object.keys(EFFECTS) as ChangeType[]).filter((kind) => EFFECTS[kind] === effect);
}

/** The kinds as their bytes. */
const ENCODED_KINDS = Object.entries(EFFECTS).map(([kind, effect]) => ({
  bytes: new TextEncoder().encode(kind),
  effect,
}));

/**
 * Prepares to read the effects of a batch of change rows, whose last column tells their kinds. Texts are compared where they are, as each row has one.
 *
 * @throws MillraceError `invalid_data`, by the reader, for a kind that there is not.
 */
export function createEffectReader(
  batch: RecordBatch,
  { component, connector }: BatchTaker,
): (row: number) => ChangeEffect {
  const { values, valueOffsets, nullBitmap } = normalizeColumn(batch.data.children.at(-1)!);
  const bytes = values as Uint8Array;
  const offsets = valueOffsets as Int32Array;
  const isMissing = (row: number): boolean => nullBitmap != null && ((nullBitmap[row >> 3]! >> (row & 7)) & 1) === 0;
  const isAt = (kind: Uint8Array, start: number): boolean => {
    for (let index = 0; index < kind.length; index++) if (bytes[start + index] !== kind[index]) return false;
    return true;
  };
  return (row) => {
    const start = offsets[row]!;
    const length = offsets[row + 1]! - start;
    for (const kind of ENCODED_KINDS)
      if (kind.bytes.length === length && isAt(kind.bytes, start) && !isMissing(row)) return kind.effect;
    throw new MillraceError({
      code: 'invalid_data',
      component,
      connector,
      message: 'a change is of a kind that there is not',
      hint: `The kinds are ${Object.keys(EFFECTS).join(', ')}`,
    });
  };
}

/**
 * Makes sure that the rows of a batch are changes of a table: its columns and the kind, of which there is such a one; a whole key; and in rows that are there
 * from now on no null where the table holds none.
 *
 * @throws MillraceError `schema_mismatch`, `invalid_data`, `integrity`; it names columns, never a value.
 */
export function checkChanges(batch: RecordBatch, { schema, key, ...taker }: ChangedTable): void {
  checkColumns(batch, changeSchema(schema), taker);
  const effectOf = createEffectReader(batch, taker);
  const requiredOnes = schema.fields.flatMap((field, ordinal) => {
    const isKey = key.includes(ordinal);
    if (field.nullable && !isKey) return [];
    return [{ name: field.name, isKey, isNull: createNullTest(batch.data.children[ordinal]!) }];
  });
  for (let row = 0; row < batch.numRows; row++) {
    const effect = effectOf(row);
    if (effect === 'all_gone') continue;
    for (const { name, isKey, isNull } of requiredOnes) {
      if ((effect === 'gone' && !isKey) || !isNull(row)) continue;
      throw missingValue(taker, name, isKey ? 'integrity' : 'invalid_data');
    }
  }
}

function missingValue({ component, connector }: BatchTaker, name: string, code: ErrorCode): MillraceError {
  return new MillraceError({
    code,
    component,
    connector,
    message: `a change has no value for the column ${JSON.stringify(name)}, which holds no nulls`,
    hint: 'Let the source send whole rows, and for rows that are gone at least their primary key',
  });
}
