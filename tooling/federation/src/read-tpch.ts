import { rowsFromBatch } from '@millrace/arrow';
import { type Field, TypeId } from '@millrace/core';
import { generateTpch, type TpchOptions, type TpchTableName } from '@millrace/workloads';
import type { TableRows } from './table-rows.ts';

/** The tables of TPC-H as rows. */
export function readTpch(options: TpchOptions): ReadonlyMap<TpchTableName, TableRows> {
  const { tables } = generateTpch(options);
  return new Map(
    tables.map(({ name, schema, batches }) => [
      name,
      {
        name,
        columns: schema.fields.map((field) => ({ name: field.name, type: toType(field), nullable: false })),
        *rows() {
          for (const batch of batches()) for (const row of rowsFromBatch(batch)) yield Object.values(row);
        },
      },
    ]),
  );
}

function toType({ name, type }: Field): string {
  switch (type.typeId) {
    case TypeId.Int:
      return type.bitWidth === 64 ? 'BIGINT' : 'INTEGER';
    case TypeId.Decimal:
      return `DECIMAL(${type.precision},${type.scale})`;
    case TypeId.Date:
      return 'DATE';
    case TypeId.Utf8:
      return 'VARCHAR(200)';
    default:
      throw new TypeError(`column ${name} has a type that is not loaded here`);
  }
}
