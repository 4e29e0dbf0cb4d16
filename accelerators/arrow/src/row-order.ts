import {
  type CreateTableCommand,
  type DataType,
  datasetComponent,
  type Field,
  MillraceError,
  type PartitionDatePart,
  type PartitionPeriod,
  type PartitionTransform,
  TypeId,
} from '@millrace/core';
import { hasDays } from './date-part.ts';
import { hasOrder } from './ordered-column.ts';

/** One key of the order that loaded rows are brought into: a column's value, or what is made of it. */
export interface OrderKey {
  readonly ordinal: number;
  readonly by: KeyTransform;
}

/** What is made of a value. `number` cuts to a multiple of `width`, `text` to so many characters. */
export type KeyTransform =
  | { readonly kind: 'value' }
  | { readonly kind: 'number' | 'text'; readonly width: number }
  | { readonly kind: 'date_trunc'; readonly unit: PartitionPeriod }
  | { readonly kind: 'date_part'; readonly part: PartitionDatePart };

const VALUE: KeyTransform = { kind: 'value' };

/**
 * The keys by which the rows of a table are ordered when they are loaded, nulls last: by partitions, and within them by the sort columns, or by the
 * columns of the partitions where there are none. A bucket is kept in the order of its column, which blocks of rows are ruled out by.
 *
 * @throws MillraceError `invalid_config` for a column that is not there, or has no order that the transform keeps.
 */
export function rowOrder(command: CreateTableCommand, sortColumns: readonly string[]): readonly OrderKey[] {
  const partitionBy = command.partitionBy ?? [];
  const partitions = partitionBy.map((transform) => toKey(command, transform));
  const names = sortColumns.length > 0 ? sortColumns : partitionBy.map(({ column }) => column);
  const rest = names.map(
    (name): OrderKey => ({ ordinal: findColumn(command, name, 'on_refresh_sort_columns').ordinal, by: VALUE }),
  );
  const keys = [...partitions, ...rest];
  return keys.filter(
    ({ ordinal, by }, index) =>
      by.kind !== 'value' || index === keys.findIndex((key) => key.ordinal === ordinal && key.by.kind === 'value'),
  );
}

function toKey(command: CreateTableCommand, transform: PartitionTransform): OrderKey {
  const { ordinal, field } = findColumn(command, transform.column, 'partition_by');
  switch (transform.kind) {
    case 'identity':
    case 'bucket':
      return { ordinal, by: VALUE };
    case 'truncate':
      if (isText(field.type)) return { ordinal, by: { kind: 'text', width: transform.width } };
      if (isNumber(field.type)) return { ordinal, by: { kind: 'number', width: transform.width } };
      throw unfitError(command, field, 'truncate', 'a number or a text');
    case 'date_trunc':
    case 'date_part':
      if (hasDays(field.type)) return { ordinal, by: transform };
      throw unfitError(command, field, transform.kind, 'a date or a timestamp');
  }
}

function isText({ typeId }: DataType): boolean {
  return typeId === TypeId.Utf8 || typeId === TypeId.LargeUtf8;
}

function isNumber({ typeId }: DataType): boolean {
  return typeId === TypeId.Int || typeId === TypeId.Float || typeId === TypeId.Decimal;
}

function findColumn(
  command: CreateTableCommand,
  name: string,
  by: string,
): { readonly ordinal: number; readonly field: Field } {
  const { fields } = command.schema;
  const exact = fields.findIndex((field) => field.name === name);
  const ordinal = exact >= 0 ? exact : fields.findIndex((field) => field.name.toLowerCase() === name.toLowerCase());
  const field = fields[ordinal];
  if (!field)
    throw orderError(
      command,
      `\`${by}\` names the column ${name}, which is not among those that are kept`,
      `The columns are ${fields.map((each) => each.name).join(', ')}`,
    );
  if (!hasOrder(field.type))
    throw orderError(
      command,
      `\`${by}\` names the column ${name}, whose values have no order`,
      'Name a column of numbers, texts, dates or times',
    );
  return { ordinal, field };
}

function unfitError(command: CreateTableCommand, { name }: Field, transform: string, kinds: string): MillraceError {
  return orderError(
    command,
    `\`partition_by\` cannot ${transform} the column ${name}`,
    `Name ${kinds}, or the column alone`,
  );
}

function orderError(command: CreateTableCommand, message: string, hint: string): MillraceError {
  const component = datasetComponent(command);
  return new MillraceError({ code: 'invalid_config', component, connector: 'arrow', message, hint });
}
