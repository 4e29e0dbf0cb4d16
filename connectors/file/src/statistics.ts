import type { Field, Statistics } from '@millrace/core';
import type { FileScan } from './scan.ts';
import { fileText } from './table-function.ts';

/** What the files tell without being read: their size, and for Parquet the rows and the nulls of plain columns. */
export async function readStatistics(scan: FileScan, projected: readonly Field[]): Promise<Statistics> {
  const byteCount = scan.reads.reduce((sum, { file }) => sum + BigInt(file.byteCount), 0n);
  const size: Statistics = { byteCount: { value: byteCount, exact: false } };
  if (scan.reads.some(({ shape }) => shape.function !== 'read_parquet')) return size;
  const list = scan.reads.map(({ file }) => fileText(file.path)).join(', ');
  const database = await scan.engine.database();
  return database.withConnection(async (connection) => {
    const [[rows] = []] = await connection.rows(`SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata([${list}])`);
    const columns = await connection.rows(
      `SELECT path_in_schema, sum(stats_null_count)::BIGINT FROM parquet_metadata([${list}]) GROUP BY ALL HAVING count(*) = count(stats_null_count) AND count(DISTINCT file_name) = ${scan.reads.length}`,
    );
    const names = new Set(projected.map(({ name }) => name));
    return {
      ...size,
      ...(typeof rows === 'bigint' ? { rowCount: { value: rows, exact: true } } : {}),
      columns: Object.fromEntries(
        columns.flatMap(([name, nullCount]) =>
          names.has(String(name)) && typeof nullCount === 'bigint'
            ? [[String(name), { nullCount: { value: nullCount, exact: true } }]]
            : [],
        ),
      ),
    };
  });
}
