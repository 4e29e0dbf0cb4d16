import { batchFromRows, createLiteralReader, type LiteralLike } from '@millrace/arrow';
import { dataTypes, field, type RecordBatch } from '@millrace/core';
import { openDatabase } from '@millrace/duckdb';
import { TYPE_SAMPLES } from '@millrace/test-fixtures';
import { ARROW_ONLY_SAMPLES } from '../arrow-only-samples.ts';
import type { StatementTable } from './simple-statements.ts';

/** Values that no literal of a statement can give. */
const CANNOT_BE_WRITTEN = /^GEOMETRY$|^STRUCT.*ENUM/;

/** A table for statements, with its rows. */
export interface TypedTable extends StatementTable {
  readonly batch: RecordBatch;
}

/** A table for each type of the engine's and of Arrow's. */
export async function createTypedTables(): Promise<readonly TypedTable[]> {
  const batches = [...(await duckDbBatches()), ...arrowBatches()];
  return batches.map((batch, index) => {
    const read = createLiteralReader(batch.data.children[1]!);
    const literals: readonly LiteralLike[] = Array.from({ length: batch.numRows }, (_, row) => read(row));
    return { table: `t${index}`, field: batch.schema.fields[1]!, literals, batch };
  });
}

/** A row for each value, with another one of the values beside it. */
async function duckDbBatches(): Promise<RecordBatch[]> {
  await using database = await openDatabase({ path: ':memory:' });
  await using connection = await database.connect();
  const batches: RecordBatch[] = [];
  for (const { type, values } of TYPE_SAMPLES) {
    if (CANNOT_BE_WRITTEN.test(type)) continue;
    const literals = ['NULL', ...values].map((value) => `CAST(${value} AS ${type})`);
    const selects = literals.map((literal, row) => {
      return `SELECT ${row}::INTEGER AS "Id", ${literal} AS v, ${literals.at(row - 2)} AS "w w"`;
    });
    const stream = await connection.stream({ sql: `${selects.join(' UNION ALL ')} ORDER BY "Id"` });
    for await (const batch of stream) batches.push(batch);
  }
  return batches;
}

function arrowBatches(): RecordBatch[] {
  return ARROW_ONLY_SAMPLES.map(({ type, values }) => {
    const schema = { fields: [field('Id', dataTypes.int32()), field('v', type), field('w w', type)] };
    const all = [null, ...values];
    return batchFromRows(
      schema,
      all.map((value, row) => [row, value, all.at(row - 1)]),
    );
  });
}
