import { describeType, typesEqual } from '@millrace/arrow';
import {
  type DataType,
  dataTypes,
  type Logger,
  MillraceError,
  type Schema,
  type UnsupportedTypeAction,
} from '@millrace/core';
import type { SourceColumn } from '@millrace/sql';
import type { TableDescription } from './inspect-tables.ts';
import {
  type ColumnDescription,
  isNullable,
  type MappedType,
  mapType,
  stringForm,
  type ValueKind,
} from './type-mapping.ts';

/** A column as it is read and compared. */
export interface MappedColumn extends SourceColumn {
  readonly description: ColumnDescription;
  readonly kind: ValueKind;
  readonly members?: readonly string[];
}

/** How the columns of a table become those of a dataset. */
export interface MapColumnsRequest {
  readonly table: TableDescription;
  readonly zeroDates: 'null' | 'error';
  readonly unsupportedTypeAction: UnsupportedTypeAction;
  /** The columns that the user declared. */
  readonly declared?: Schema;
  readonly component: string;
  readonly logger: Logger;
}

/**
 * Maps the columns of a table by their types.
 *
 * @throws MillraceError `unsupported_type` for a column without a place where the action is `error`; `schema_mismatch` for a declared column that
 * the table has not, or has with another type; `schema_inference` when no column is left.
 */
export function mapColumns(request: MapColumnsRequest): readonly MappedColumn[] {
  const { table, declared, component } = request;
  const columns =
    declared === undefined
      ? table.columns.flatMap((column) => mapColumn(column, undefined, request) ?? [])
      : declared.fields.flatMap((field) => {
          const column = table.columns.find(({ name }) => name === field.name);
          if (column === undefined) throw mismatch(component, `the table has no column ${field.name}`);
          return mapColumn(column, field.type, request) ?? [];
        });
  if (columns.length > 0) return columns;
  throw new MillraceError({
    code: 'schema_inference',
    component,
    connector: 'mysql',
    message: 'no column of the table can be read',
    hint: 'Set unsupported_type_action: string',
  });
}

function mapColumn(
  column: ColumnDescription,
  declared: DataType | undefined,
  request: MapColumnsRequest,
): MappedColumn | undefined {
  const mapped = mapType(column);
  const isText = declared !== undefined && typesEqual(declared, dataTypes.utf8());
  if (mapped !== undefined && (declared === undefined || typesEqual(declared, mapped.type)))
    return toMappedColumn(column, mapped, request);
  if (isText || (mapped === undefined && request.unsupportedTypeAction === 'string')) return asText(column, request);
  if (declared !== undefined && mapped !== undefined) {
    throw mismatch(
      request.component,
      `column ${column.name} is declared as ${describeType(declared)} and read as ${describeType(mapped.type)}`,
    );
  }
  const problem = `column ${column.name} has the type ${column.columnType}, which has no place in Arrow's types`;
  switch (request.unsupportedTypeAction) {
    case 'warn':
      request.logger.warn(`${request.component} (mysql): ${problem}; it is left out`);
      return undefined;
    case 'ignore':
      return undefined;
    default:
      throw new MillraceError({
        code: 'unsupported_type',
        component: request.component,
        connector: 'mysql',
        message: problem,
        hint: 'Set unsupported_type_action to string to read it as text, or to ignore to leave it out',
      });
  }
}

function toMappedColumn(column: ColumnDescription, mapped: MappedType, request: MapColumnsRequest): MappedColumn {
  const { name } = column;
  const nullable = isNullable(column, mapped, { isView: request.table.kind === 'view', zeroDates: request.zeroDates });
  return {
    name,
    field: { name, type: mapped.type, nullable },
    sourceType: column.columnType,
    description: column,
    kind: mapped.kind,
    ...(column.collation !== undefined && { collation: column.collation }),
    ...(mapped.members !== undefined && { members: mapped.members }),
    ...(mapped.kind === 'json' && { isComparable: false }),
    ...(mapped.kind === 'address' && { readAs: (quoted: string) => `CAST(${quoted} AS CHAR CHARACTER SET utf8mb4)` }),
    ...(mapped.kind === 'date' && request.zeroDates === 'null' && { valueAs: dateValue }),
  };
}

/** A date as it is read: NULL where it has no month, no day, or a day that its month has not. */
function dateValue(quoted: string): string {
  return `IF(DAYOFMONTH(${quoted}) BETWEEN 1 AND DAYOFMONTH(LAST_DAY(${quoted})), ${quoted}, NULL)`;
}

function asText(column: ColumnDescription, request: MapColumnsRequest): MappedColumn {
  return {
    name: column.name,
    field: {
      name: column.name,
      type: dataTypes.utf8(),
      nullable: column.isNullable || request.table.kind === 'view',
    },
    sourceType: column.columnType,
    description: column,
    kind: 'converted',
    readAs: stringForm(column),
    isComparable: false,
  };
}

function mismatch(component: string, message: string): MillraceError {
  return new MillraceError({
    code: 'schema_mismatch',
    component,
    connector: 'mysql',
    message,
    hint: 'Correct the declaration under columns',
  });
}
