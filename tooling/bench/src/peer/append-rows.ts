import { type DuckDBAppender, type DuckDBConnection, DuckDBDateValue, DuckDBDecimalValue } from '@duckdb/node-api';
import { createLiteralReader, describeType } from '@millrace/arrow';
import type { RecordBatch, Schema } from '@millrace/core';

type AppendValue = (appender: DuckDBAppender, row: number) => void;

/** Rows with their values ready in JavaScript, as an application would hold them. */
export interface AppendableRows {
  readonly rowCount: number;
  /** Appends all rows to a table, value by value. */
  append(connection: DuckDBConnection, table: string): Promise<void>;
}

/** Takes the values out of batches, so that appending them costs nothing but appending. No column may hold nulls. */
export function toAppendableRows(schema: Schema, batches: readonly RecordBatch[]): AppendableRows {
  const columns = schema.fields.map((_, ordinal) => toColumn(batches, ordinal));
  const rowCount = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  return {
    rowCount,
    async append(connection, table) {
      const appender = await connection.createAppender(table);
      for (let row = 0; row < rowCount; row += 1) {
        for (const appendValue of columns) appendValue(appender, row);
        appender.endRow();
      }
      appender.closeSync();
    },
  };
}

function toColumn(batches: readonly RecordBatch[], ordinal: number): AppendValue {
  const values = batches.flatMap((batch) => {
    const read = createLiteralReader(batch.data.children[ordinal]!);
    return Array.from({ length: batch.numRows }, (_, row) => read(row));
  });
  const field = batches[0]!.schema.fields[ordinal]!;
  const type = describeType(field.type);
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(type.replaceAll(' ', ''));
  if (decimal) {
    const [width, scale] = [Number(decimal[1]), Number(decimal[2])];
    const ready = values.map((value) => new DuckDBDecimalValue(value as bigint, width, scale));
    return (appender, row) => appender.appendDecimal(ready[row]!);
  }
  if (type.startsWith('date')) {
    const ready = values.map((value) => new DuckDBDateValue(Number(value)));
    return (appender, row) => appender.appendDate(ready[row]!);
  }
  switch (type) {
    case 'int64':
      return (appender, row) => appender.appendBigInt(values[row] as bigint);
    case 'int32':
      return (appender, row) => appender.appendInteger(values[row] as number);
    case 'utf8':
      return (appender, row) => appender.appendVarchar(values[row] as string);
    default:
      throw new TypeError(`column ${field.name} of type ${type} cannot be appended here`);
  }
}
