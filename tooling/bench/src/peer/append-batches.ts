import { type DuckDBAppender, type DuckDBConnection, DuckDBDateValue, DuckDBDecimalValue } from '@duckdb/node-api';
import { createLiteralReader, describeType } from '@millrace/arrow';
import type { ColumnData, Field, RecordBatch } from '@millrace/core';

/** Loads batches as one does with node-api alone: value by value through its Appender. No column may hold nulls. */
export async function appendBatches(
  connection: DuckDBConnection,
  table: string,
  batches: readonly RecordBatch[],
): Promise<void> {
  const appender = await connection.createAppender(table);
  for (const { schema, numRows, data } of batches) {
    const columns = data.children.map((column, ordinal) => valueAppender(appender, schema.fields[ordinal]!, column));
    for (let row = 0; row < numRows; row += 1) {
      for (const appendValue of columns) appendValue(row);
      appender.endRow();
    }
  }
  appender.closeSync();
}

function valueAppender(appender: DuckDBAppender, field: Field, column: ColumnData): (row: number) => void {
  const read = createLiteralReader(column);
  const type = describeType(field.type);
  const decimal = /^decimal\((\d+), ?(\d+)\)$/.exec(type);
  if (decimal) {
    const [width, scale] = [Number(decimal[1]), Number(decimal[2])];
    return (row) => appender.appendDecimal(new DuckDBDecimalValue(read(row) as bigint, width, scale));
  }
  if (type.startsWith('date')) return (row) => appender.appendDate(new DuckDBDateValue(Number(read(row))));
  switch (type) {
    case 'int64':
      return (row) => appender.appendBigInt(read(row) as bigint);
    case 'int32':
      return (row) => appender.appendInteger(read(row) as number);
    case 'utf8':
      return (row) => appender.appendVarchar(read(row) as string);
    default:
      throw new TypeError(`column ${field.name} of type ${type} cannot be appended here`);
  }
}
