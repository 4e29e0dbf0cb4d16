import { batchFromColumns } from '@millrace/arrow';
import type { ColumnData } from '@millrace/core';
import { createRandom } from '../random/random.ts';
import { createTextColumn } from './text-column.ts';
import { TPCH_SCHEMAS } from './tpch-schemas.ts';
import type { TpchSource, TpchTable } from './tpch-table.ts';
import { NATIONS, REGIONS } from './vocabulary.ts';

/** The five regions. */
export function regionTable(source: TpchSource): TpchTable {
  const schema = TPCH_SCHEMAS.region;
  return {
    name: 'region',
    schema,
    batches: () => [
      batchFromColumns(schema, [
        REGIONS.map((_, key) => key),
        REGIONS,
        comments(source, { stream: 'region', rowCount: REGIONS.length, max: 115 }),
      ]),
    ],
  };
}

/** The 25 nations. */
export function nationTable(source: TpchSource): TpchTable {
  const schema = TPCH_SCHEMAS.nation;
  return {
    name: 'nation',
    schema,
    batches: () => [
      batchFromColumns(schema, [
        NATIONS.map((_, key) => key),
        NATIONS.map(({ name }) => name),
        NATIONS.map(({ regionKey }) => regionKey),
        comments(source, { stream: 'nation', rowCount: NATIONS.length, max: 114 }),
      ]),
    ],
  };
}

interface CommentRequest {
  readonly stream: string;
  readonly rowCount: number;
  readonly max: number;
}

function comments({ seed, pool }: TpchSource, { stream, rowCount, max }: CommentRequest): ColumnData {
  const random = createRandom(seed, stream);
  const column = createTextColumn(rowCount, max);
  for (let row = 0; row < rowCount; row++) {
    random.seek(row);
    pool.writeComment(column, random, { min: 31, max });
    column.end();
  }
  return column.finish();
}
