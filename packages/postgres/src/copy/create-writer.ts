import type { ReportUnfit } from '../wire/columns/column-problem.ts';
import { BytesWriter, EntriesWriter, FixedBytesWriter } from './bytes-writers.ts';
import type { ColumnWriter } from './column-writer.ts';
import type { CopyColumn } from './copy-column.ts';
import { BoolWriter, Int16Writer, Int32Writer, Int64Writer, Uint32Writer } from './fixed-writers.ts';
import { NumericWriter } from './numeric-writer.ts';
import { DateWriter, TimestampWriter } from './time-writers.ts';

/** Makes the writer of a column. */
export function createWriter(column: CopyColumn, report: ReportUnfit): ColumnWriter {
  switch (column.kind) {
    case 'bool':
      return new BoolWriter(column);
    case 'int16':
      return new Int16Writer(column);
    case 'int32':
      return new Int32Writer(column);
    case 'uint32':
      return new Uint32Writer(column);
    case 'int64':
      return new Int64Writer(column);
    case 'date':
      return new DateWriter(column, report);
    case 'timestamp':
      return new TimestampWriter(column, report);
    case 'numeric':
      return new NumericWriter(column);
    case 'bytes':
      return new BytesWriter(column);
    case 'entries':
      return new EntriesWriter(column);
    case 'fixed_bytes':
      return new FixedBytesWriter(column);
    default:
      return column satisfies never;
  }
}
