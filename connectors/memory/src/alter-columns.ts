import { compileExpression, typesEqual } from '@millrace/arrow';
import {
  type ColumnData,
  type ColumnPosition,
  type ErrorCode,
  type Expr,
  type Field,
  MillraceError,
  type TableChange,
  TypeId,
} from '@millrace/core';
import { columnFromValues } from './column-from-values.ts';
import { constantColumn, defaultValue, hasNull, notNull } from './conform-batch.ts';

/** The changes of a table that concern one column. */
export type ColumnEdit = Extract<
  TableChange,
  {
    readonly kind:
      | 'add_column'
      | 'drop_column'
      | 'rename_column'
      | 'set_type'
      | 'set_nullable'
      | 'set_comment'
      | 'move_column';
  }
>;

/** Fields beside each other, at the top of a table or within a struct, with their data chunk by chunk. */
export interface Level {
  readonly fields: readonly Field[];
  readonly columns: readonly (readonly ColumnData[])[];
  readonly rowCounts: readonly number[];
}

/** Where field metadata keeps a column's comment. */
const COMMENT = 'comment';

/** Applies one change to the column that its path names; the path goes through structs. */
export function editColumns(table: string, level: Level, edit: ColumnEdit, depth = 0): Level {
  const name = edit.path[depth];
  if (name === undefined) throw editError(table, 'invalid_argument', 'the path of a column is empty', 'Name a column');
  if (depth === edit.path.length - 1) return editHere(table, level, edit, name);
  const ordinal = level.fields.findIndex((field) => field.name === name);
  const outer = level.fields[ordinal];
  if (outer?.type.typeId !== TypeId.Struct) throw missing(table, edit.path.slice(0, depth + 1));
  const inner = editColumns(
    table,
    {
      fields: outer.type.children ?? [],
      columns: level.columns.map((columns) => columns[ordinal]!.children),
      rowCounts: level.rowCounts,
    },
    edit,
    depth + 1,
  );
  const field: Field = { ...outer, type: { typeId: TypeId.Struct, children: inner.fields } };
  return {
    ...level,
    fields: level.fields.with(ordinal, field),
    columns: level.columns.map((columns, chunk) =>
      columns.with(ordinal, { ...columns[ordinal]!, type: field.type, children: inner.columns[chunk]! }),
    ),
  };
}

function editHere(table: string, level: Level, edit: ColumnEdit, name: string): Level {
  const ordinal = level.fields.findIndex((field) => field.name === name);
  if (edit.kind === 'add_column') return addColumn(table, level, edit, name);
  const field = level.fields[ordinal];
  if (field === undefined) {
    if (edit.kind === 'drop_column' && edit.ifExists) return level;
    throw missing(table, edit.path);
  }
  switch (edit.kind) {
    case 'drop_column':
      if (level.fields.length === 1)
        throw editError(table, 'invalid_argument', 'the last column cannot be dropped', 'Drop the table');
      return without(level, ordinal);
    case 'rename_column':
      if (edit.to !== name) requireFree(table, level, edit.to);
      return { ...level, fields: level.fields.with(ordinal, { ...field, name: edit.to }) };
    case 'set_type':
      return setType(table, level, ordinal, { ...field, type: edit.type });
    case 'set_nullable':
      if (!edit.nullable && level.columns.some((columns) => hasNull(columns[ordinal]!)))
        throw notNull(table, edit.path.join('.'));
      return { ...level, fields: level.fields.with(ordinal, { ...field, nullable: edit.nullable }) };
    case 'set_comment':
      return { ...level, fields: level.fields.with(ordinal, withComment(field, edit.comment)) };
    case 'move_column': {
      const rest = without(level, ordinal);
      const target = positionIn(table, rest.fields, edit.position);
      return {
        ...level,
        fields: rest.fields.toSpliced(target, 0, field),
        columns: rest.columns.map((columns, chunk) => columns.toSpliced(target, 0, level.columns[chunk]![ordinal]!)),
      };
    }
    default: {
      const never: never = edit;
      return never;
    }
  }
}

/** Rows that are there get the default, or null; a column without a default that may not be null needs an empty table. */
function addColumn(
  table: string,
  level: Level,
  edit: Extract<ColumnEdit, { readonly kind: 'add_column' }>,
  name: string,
): Level {
  requireFree(table, level, name);
  const plain: Field = { name, type: edit.type, nullable: edit.nullable };
  const field = edit.comment === undefined ? plain : withComment(plain, edit.comment);
  const value = defaultValue(table, field, edit.default);
  if (value === null && !edit.nullable && level.rowCounts.some((count) => count > 0)) throw notNull(table, name);
  const target = positionIn(table, level.fields, edit.position ?? 'last');
  return {
    ...level,
    fields: level.fields.toSpliced(target, 0, field),
    columns: level.columns.map((columns, chunk) =>
      columns.toSpliced(target, 0, constantColumn(edit.type, value, level.rowCounts[chunk]!)),
    ),
  };
}

function setType(table: string, level: Level, ordinal: number, field: Field): Level {
  const before = level.fields[ordinal]!;
  if (typesEqual(before.type, field.type)) return level;
  const column: Expr = { kind: 'column', path: [before.name], type: before.type };
  const cast = compileExpression(
    { kind: 'call', function: 'cast', args: [column], type: field.type },
    { fields: [before] },
  );
  if (cast === undefined)
    throw editError(
      table,
      'unsupported',
      `column ${before.name} cannot be converted exactly`,
      'Add a column of the new type and write it instead',
    );
  return {
    ...level,
    fields: level.fields.with(ordinal, field),
    columns: level.columns.map((columns, chunk) => {
      const numRows = level.rowCounts[chunk]!;
      const read = cast.bind({ schema: { fields: [before] }, numRows, data: { children: [columns[ordinal]!] } });
      return columns.with(ordinal, columnFromValues(field.type, numRows, read));
    }),
  };
}

function without(level: Level, ordinal: number): Level {
  return {
    ...level,
    fields: level.fields.toSpliced(ordinal, 1),
    columns: level.columns.map((columns) => columns.toSpliced(ordinal, 1)),
  };
}

function positionIn(table: string, fields: readonly Field[], position: ColumnPosition): number {
  if (position === 'first') return 0;
  if (position === 'last') return fields.length;
  const ordinal = fields.findIndex((field) => field.name === position.after);
  if (ordinal < 0) throw missing(table, [position.after]);
  return ordinal + 1;
}

function withComment(field: Field, comment: string | undefined): Field {
  const entries = [...(field.metadata ?? [])].filter(([key]) => key !== COMMENT);
  return { ...field, metadata: new Map(comment === undefined ? entries : [...entries, [COMMENT, comment]]) };
}

function requireFree(table: string, level: Level, name: string): void {
  if (level.fields.some((field) => field.name === name))
    throw editError(table, 'already_exists', `there is a column ${name} already`, 'Choose another name');
}

function missing(table: string, path: readonly string[]): MillraceError {
  return editError(table, 'not_found', `there is no column ${path.join('.')}`, 'Name a column of the table');
}

function editError(table: string, code: ErrorCode, message: string, hint: string): MillraceError {
  return new MillraceError({ code, component: `table ${table}`, connector: 'memory', message, hint });
}
