import { compileExpression, createKeyReader, type RowKey } from '@millrace/arrow';
import { type Constraint, type Expr, MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import { hasNull, notNull } from './conform-batch.ts';

/** Rows that are looked at between two pauses. */
const WINDOW_ROWS = 8192;

/**
 * Checks the enforced constraints of a table over the rows that stay and the rows that come. A generator, so that the caller
 * decides whether to run it in one go or with pauses.
 *
 * @throws MillraceError `integrity` naming the constraint, never the value.
 */
export function* checkConstraints(request: {
  readonly table: string;
  readonly schema: Schema;
  readonly constraints: readonly Constraint[];
  /** Rows that satisfied the constraints before. */
  readonly kept: readonly RecordBatch[];
  readonly added: readonly RecordBatch[];
}): Generator<void> {
  const { table, schema, kept, added } = request;
  if (added.every((batch) => batch.numRows === 0)) return;
  for (const [index, constraint] of request.constraints.entries()) {
    if (!constraint.enforced) continue;
    const name = constraintName(constraint, index);
    switch (constraint.kind) {
      case 'primary_key': {
        const ordinals = ordinalsOf(schema, constraint.columns);
        for (const ordinal of ordinals)
          if (added.some((batch) => hasNull(batch.data.children[ordinal]!)))
            throw notNull(table, schema.fields[ordinal]!.name);
        yield* checkUnique(table, name, ordinals, kept, added);
        break;
      }
      case 'unique':
        yield* checkUnique(table, name, ordinalsOf(schema, constraint.columns), kept, added);
        break;
      case 'check':
        yield* checkCondition(table, name, constraint.expr, schema, added);
        break;
      case 'foreign_key':
        throw unsupported(table, `${name} cannot be enforced`, 'Declare it with enforced: false');
      default: {
        const never: never = constraint;
        return never;
      }
    }
  }
}

/** What `drop_constraint` calls a constraint: kind and columns, for example `primary_key_id`; a check has its place, counted from 0. */
export function constraintName(constraint: Constraint, index: number): string {
  return constraint.kind === 'check' ? `check_${index}` : [constraint.kind, ...constraint.columns].join('_');
}

/** Runs a generator of steps in one go. */
export function runSteps(steps: Generator<void>): void {
  for (const _ of steps);
}

/** Runs a generator of steps with pauses between them. */
export async function runStepsAsync(steps: Generator<void>, pause: () => Promise<void> | undefined): Promise<void> {
  for (const _ of steps) await pause();
}

/** The ordinals of columns by name; those that the schema has not are left out. */
export function ordinalsOf(schema: Schema, names: readonly string[]): readonly number[] {
  return names.map((name) => schema.fields.findIndex((field) => field.name === name)).filter((ordinal) => ordinal >= 0);
}

function* checkUnique(
  table: string,
  name: string,
  ordinals: readonly number[],
  kept: readonly RecordBatch[],
  added: readonly RecordBatch[],
): Generator<void> {
  const keys = new Set<RowKey>();
  for (const batch of added) {
    for (const key of keysOf(table, name, batch, ordinals)) {
      if (key === undefined) yield;
      else if (keys.has(key)) throw duplicateKey(table, name);
      else keys.add(key);
    }
  }
  for (const batch of kept) {
    for (const key of keysOf(table, name, batch, ordinals)) {
      if (key === undefined) yield;
      else if (keys.has(key)) throw duplicateKey(table, name);
    }
  }
}

/** The keys of a batch, and undefined now and then for a pause. A key with a null equals no other and is left out. */
function* keysOf(
  table: string,
  name: string,
  batch: RecordBatch,
  ordinals: readonly number[],
): Generator<RowKey | undefined> {
  const read = createKeyReader(batch, ordinals);
  if (read === undefined)
    throw unsupported(table, `${name} has a column whose values cannot be compared`, 'Choose other columns');
  for (let row = 0; row < batch.numRows; row++) {
    const key = read(row);
    if (key !== undefined) yield key;
    if (row % WINDOW_ROWS === WINDOW_ROWS - 1) yield undefined;
  }
}

/** A check is violated where it is FALSE; NULL passes, as in SQL. */
function* checkCondition(
  table: string,
  name: string,
  expr: Expr,
  schema: Schema,
  added: readonly RecordBatch[],
): Generator<void> {
  const compiled = compileExpression(expr, schema);
  if (compiled === undefined)
    throw unsupported(table, `${name} cannot be evaluated`, 'Declare it with enforced: false');
  for (const batch of added) {
    const evaluate = compiled.bind(batch);
    for (let row = 0; row < batch.numRows; row++) {
      if (evaluate(row) === false)
        throw violation(table, `a row violates ${name}`, 'Correct the row or drop the constraint');
      if (row % WINDOW_ROWS === WINDOW_ROWS - 1) yield;
    }
  }
}

/** The error of two rows with one key. */
export function duplicateKey(table: string, name: string): MillraceError {
  return violation(table, `two rows have the same key of ${name}`, 'Write each key once, or use upsert');
}

function violation(table: string, message: string, hint: string): MillraceError {
  return new MillraceError({ code: 'integrity', component: `table ${table}`, connector: 'memory', message, hint });
}

function unsupported(table: string, message: string, hint: string): MillraceError {
  return new MillraceError({ code: 'unsupported', component: `table ${table}`, connector: 'memory', message, hint });
}
