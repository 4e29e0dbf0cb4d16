import { describeType, typesEqual } from '@millrace/arrow';
import type { Field, Schema } from '@millrace/core';
import { isWider } from './is-wider.ts';

/** How the columns of one schema differ from those of an earlier one; a column is known by its name, in its own case. */
export interface ColumnChanges {
  readonly added: readonly Field[];
  readonly removed: readonly Field[];
  /** The type holds every value of the earlier one, or the column may hold nulls now. */
  readonly widened: readonly FieldChange[];
  /** Any other type. */
  readonly retyped: readonly FieldChange[];
}

/** One column before and after. */
export interface FieldChange {
  readonly before: Field;
  readonly after: Field;
}

/**
 * Compares two schemas. What takes nothing from a reader counts for nothing: another order, other metadata, and a column that holds no nulls
 * any more.
 */
export function compareColumns(before: Schema, after: Schema): ColumnChanges {
  const earlier = new Map(before.fields.map((field) => [field.name, field]));
  const later = new Set(after.fields.map(({ name }) => name));
  const widened: FieldChange[] = [];
  const retyped: FieldChange[] = [];
  for (const field of after.fields) {
    const known = earlier.get(field.name);
    if (known === undefined) continue;
    const isSameType = typesEqual(known.type, field.type);
    if (!isSameType && !isWider(field.type, known.type)) retyped.push({ before: known, after: field });
    else if (!isSameType || (field.nullable && !known.nullable)) widened.push({ before: known, after: field });
  }
  return {
    added: after.fields.filter(({ name }) => !earlier.has(name)),
    removed: before.fields.filter(({ name }) => !later.has(name)),
    widened,
    retyped,
  };
}

/** Whether anything differs. */
export function hasChanges({ added, removed, widened, retyped }: ColumnChanges): boolean {
  return added.length + removed.length + widened.length + retyped.length > 0;
}

/** Whether every row of the earlier columns is one of the later ones, once new columns are null in it. */
export function isAdditive({ removed, retyped }: ColumnChanges): boolean {
  return removed.length + retyped.length === 0;
}

/** The changes in words, for messages: `note utf8 is new, id int32 is int64 now`. */
export function describeChanges({ added, removed, widened, retyped }: ColumnChanges): string {
  return [
    ...added.map(({ name, type }) => `${name} ${describeType(type)} is new`),
    ...removed.map(({ name }) => `${name} is gone`),
    ...[...widened, ...retyped].map(describeChange),
  ].join(', ');
}

function describeChange({ before, after }: FieldChange): string {
  const [was, is] = [describeType(before.type), describeType(after.type)];
  return was === is ? `${after.name} may be null now` : `${after.name} ${was} is ${is} now`;
}
