import {
  type Constraint,
  type ErrorCode,
  type Expr,
  MillraceError,
  type RecordBatch,
  type TableChange,
} from '@millrace/core';
import { type ColumnEdit, editColumns, type Level } from './alter-columns.ts';
import { checkConstraints, constraintName, runSteps } from './constraints.ts';
import type { Chunk, Snapshot, TableShape } from './snapshot.ts';
import { columnsOf } from './table-options.ts';

/** A table between two changes of one alteration. */
interface Draft {
  readonly shape: TableShape;
  readonly chunks: readonly Chunk[];
}

/**
 * Works out what changes, applied in order, make of a version; nothing is changed where one fails. The rows of dropped columns are not
 * kept: a column added later under the same name starts anew.
 *
 * @throws MillraceError `not_found`, `already_exists`, `integrity` for rows that do not fit a new condition, `invalid_data` for values that
 * do not fit a new type, `unsupported` for a conversion that is not known to be exact, `invalid_argument` for a column that something
 * else depends on.
 */
export function alterTable(table: string, base: Snapshot, changes: readonly TableChange[]): Draft {
  return changes.reduce<Draft>((draft, change) => applyChange(table, draft, change), base);
}

function applyChange(table: string, draft: Draft, change: TableChange): Draft {
  const { shape } = draft;
  switch (change.kind) {
    case 'set_type':
      if (change.path.length === 1 && shape.partitionColumns.includes(change.path[0]!))
        throw alterError(
          table,
          'invalid_argument',
          `the partitioning depends on column ${change.path[0]}`,
          'Create a table with the other type and copy the rows',
        );
      return editDraft(table, draft, change);
    case 'add_column':
    case 'set_nullable':
    case 'set_comment':
    case 'move_column':
      return withDefaultOf(change, editDraft(table, draft, change));
    case 'drop_column':
    case 'rename_column':
      return editNamedColumn(table, draft, change);
    case 'set_default': {
      const [column] = change.path;
      if (
        change.path.length !== 1 ||
        column === undefined ||
        !shape.schema.fields.some((field) => field.name === column)
      )
        throw alterError(
          table,
          'not_found',
          `there is no column ${change.path.join('.')} that could have a default`,
          'Name a column of the table',
        );
      return { ...draft, shape: { ...shape, defaults: withEntry(shape.defaults, column, change.expr) } };
    }
    case 'set_property':
      return { ...draft, shape: { ...shape, properties: withEntry(shape.properties, change.key, change.value) } };
    case 'add_constraint':
      return addConstraint(table, draft, change.constraint);
    case 'drop_constraint': {
      const constraints = shape.constraints.filter((one, index) => constraintName(one, index) !== change.name);
      if (constraints.length === shape.constraints.length && !change.ifExists)
        throw alterError(
          table,
          'not_found',
          `there is no constraint ${change.name}`,
          `Name one of: ${shape.constraints.map(constraintName).join(', ') || 'none'}`,
        );
      return { ...draft, shape: { ...shape, constraints } };
    }
    default: {
      const never: never = change;
      return never;
    }
  }
}

function editDraft(table: string, draft: Draft, change: ColumnEdit): Draft {
  const level: Level = {
    fields: draft.shape.schema.fields,
    columns: draft.chunks.map((chunk) => chunk.batch.data.children),
    rowCounts: draft.chunks.map((chunk) => chunk.batch.numRows),
  };
  const edited = editColumns(table, level, change);
  const schema = { ...draft.shape.schema, fields: edited.fields };
  const chunks = draft.chunks.map((chunk, index): Chunk => {
    const batch: RecordBatch = { schema, numRows: chunk.batch.numRows, data: { children: edited.columns[index]! } };
    return { ...chunk, batch };
  });
  return { shape: { ...draft.shape, schema }, chunks };
}

/** A default of a new column is for later writes as well. */
function withDefaultOf(change: TableChange, draft: Draft): Draft {
  if (change.kind !== 'add_column' || change.default === undefined || change.path.length !== 1) return draft;
  const defaults = withEntry(draft.shape.defaults, change.path[0]!, change.default);
  return { ...draft, shape: { ...draft.shape, defaults } };
}

/** Drops or renames a column, and what names it: defaults follow, a constraint or partition column is renamed or refuses the drop. */
function editNamedColumn(
  table: string,
  draft: Draft,
  change: Extract<TableChange, { readonly kind: 'drop_column' | 'rename_column' }>,
): Draft {
  const edited = editDraft(table, draft, change);
  const [column] = change.path;
  if (change.path.length !== 1 || column === undefined) return edited;
  const { constraints, partitionColumns, defaults } = draft.shape;
  const dependent =
    partitionColumns.includes(column) ||
    constraints.some(
      (one) => columnsOf(one).includes(column) || (one.kind === 'check' && readsColumn(one.expr, column)),
    );
  if (change.kind === 'drop_column') {
    if (dependent)
      throw alterError(
        table,
        'invalid_argument',
        `a constraint or the partitioning depends on column ${column}`,
        'Drop the constraint first; the partitioning of a table stays',
      );
    return { ...edited, shape: { ...edited.shape, defaults: withEntry(defaults, column, undefined) } };
  }
  const { to } = change;
  const rename = (name: string): string => (name === column ? to : name);
  const renamed = withEntry(withEntry(defaults, column, undefined), to, defaults[column]);
  return {
    shape: {
      ...edited.shape,
      defaults: renamed,
      partitionColumns: partitionColumns.map(rename),
      constraints: constraints.map((one) => renameInConstraint(one, column, to)),
    },
    chunks: edited.chunks.map((chunk) =>
      chunk.key === undefined
        ? chunk
        : {
            ...chunk,
            key: Object.fromEntries(Object.entries(chunk.key).map(([name, value]) => [rename(name), value])),
          },
    ),
  };
}

function addConstraint(table: string, draft: Draft, constraint: Constraint): Draft {
  const { shape, chunks } = draft;
  const constraints = [...shape.constraints, constraint];
  const names = constraints.map(constraintName);
  const missing = columnsOf(constraint).find((name) => !shape.schema.fields.some((field) => field.name === name));
  if (missing !== undefined)
    throw alterError(table, 'not_found', `there is no column ${missing}`, 'Name columns of the table');
  if (names.indexOf(names.at(-1)!) !== names.length - 1)
    throw alterError(table, 'already_exists', `there is a constraint ${names.at(-1)} already`, 'Drop it first');
  runSteps(
    checkConstraints({
      table,
      schema: shape.schema,
      constraints: [constraint],
      kept: [],
      added: chunks.map((chunk) => chunk.batch),
    }),
  );
  return { chunks, shape: { ...shape, constraints } };
}

function renameInConstraint(constraint: Constraint, from: string, to: string): Constraint {
  if (constraint.kind === 'check') return { ...constraint, expr: renameInExpression(constraint.expr, from, to) };
  return { ...constraint, columns: constraint.columns.map((name) => (name === from ? to : name)) };
}

function renameInExpression(expr: Expr, from: string, to: string): Expr {
  switch (expr.kind) {
    case 'column':
      return expr.path[0] === from ? { ...expr, path: [to, ...expr.path.slice(1)] } : expr;
    case 'literal':
      return expr;
    case 'call':
      return { ...expr, args: expr.args.map((arg) => renameInExpression(arg, from, to)) };
    default: {
      const never: never = expr;
      return never;
    }
  }
}

function readsColumn(expr: Expr, name: string): boolean {
  if (expr.kind === 'column') return expr.path[0] === name;
  return expr.kind === 'call' && expr.args.some((arg) => readsColumn(arg, name));
}

function withEntry<T>(
  record: Readonly<Record<string, T>>,
  key: string,
  value: T | undefined,
): Readonly<Record<string, T>> {
  const others = Object.entries(record).filter(([name]) => name !== key);
  return Object.fromEntries(value === undefined ? others : [...others, [key, value]]);
}

function alterError(table: string, code: ErrorCode, message: string, hint: string): MillraceError {
  return new MillraceError({ code, component: `table ${table}`, connector: 'memory', message, hint });
}
