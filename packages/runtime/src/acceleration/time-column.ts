import { describeType, typesEqual } from '@millrace/arrow';
import {
  type DataType,
  type ErrorCode,
  type Field,
  MillraceError,
  nearestName,
  type Schema,
  TypeId,
} from '@millrace/core';
import type { DatasetConfig, TimeFormat } from '../config/index.ts';
import { type TimeScale, toTimeScale } from './time-scale.ts';

/** The column that says when a row came about. */
export interface TimeColumn {
  /** Position among the columns of the accelerated table. */
  readonly ordinal: number;
  readonly field: Field;
  readonly format: TimeFormat;
  readonly scale: TimeScale;
}

/**
 * Finds the dataset's time column among the columns that are kept, and checks that its type has the format; undefined without one.
 * @throws MillraceError `invalid_config` with the place of the field.
 */
export function findTimeColumn(dataset: DatasetConfig, schema: Schema): TimeColumn | undefined {
  const { timeColumn: name, timeFormat } = dataset;
  if (name === undefined) return undefined;
  const names = schema.fields.map((field) => field.name);
  const exact = names.indexOf(name);
  const ordinal = exact >= 0 ? exact : names.findIndex((each) => each.toLowerCase() === name.toLowerCase());
  const field = schema.fields[ordinal];
  if (!field) {
    const nearest = nearestName(name, names);
    const hint = nearest === undefined ? `The columns are ${names.join(', ')}` : `Did you mean ${nearest}?`;
    throw timeError(dataset, {
      field: 'time_column',
      message: `there is no time column ${name} among the columns that are kept`,
      hint,
    });
  }
  const possible = formatsOf(field.type);
  const format = timeFormat ?? (possible.length === 1 ? possible[0] : undefined);
  if (format !== undefined && possible.includes(format)) {
    return { ordinal, field, format, scale: toTimeScale(field.type, format) };
  }
  const type = describeType(field.type);
  const choice = possible.length > 0 ? `Use ${possible.join(' or ')}` : 'Choose another column';
  throw timeError(dataset, {
    field: timeFormat === undefined ? 'time_column' : 'time_format',
    message:
      timeFormat === undefined
        ? `the time column ${field.name} is ${type}, which does not say what its values are`
        : `the time column ${field.name} is ${type}, which cannot have the time_format ${timeFormat}`,
    hint: possible.length > 0 ? `${choice} as \`time_format\`` : choice,
  });
}

/** Whether a time that was noted of a table with the columns `before` is the same one to a table with the columns `after`. */
export function keepsTimes(column: TimeColumn | undefined, before: Schema, after: Schema): boolean {
  const typeIn = ({ fields }: Schema): DataType | undefined =>
    fields.find(({ name }) => name === column?.field.name)?.type;
  const [held, wanted] = [typeIn(before), typeIn(after)];
  if (!held || !wanted) return false;
  const isNumber = held.typeId === TypeId.Int || held.typeId === TypeId.Float;
  return typesEqual(held, wanted) || (isNumber && held.typeId === wanted.typeId);
}

/** An error about a field of the dataset, with its place. */
export function timeError(
  dataset: DatasetConfig,
  problem: { readonly field: string; readonly message: string; readonly hint: string; readonly code?: ErrorCode },
): MillraceError {
  const location = dataset.location(problem.field);
  return new MillraceError({
    code: problem.code ?? 'invalid_config',
    component: `dataset ${dataset.name.text}`,
    message: problem.message,
    hint: problem.hint,
    ...(location ? { location } : {}),
  });
}

function formatsOf(type: DataType): readonly TimeFormat[] {
  switch (type.typeId) {
    case TypeId.Timestamp:
      return [type.timezone ? 'timestamptz' : 'timestamp'];
    case TypeId.Date:
      return ['date'];
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return ['ISO8601'];
    case TypeId.Int:
    case TypeId.Float:
      return ['unix_seconds', 'unix_millis'];
    default:
      return [];
  }
}
