import { type Breather, bindConjunction, type Predicate } from '@millrace/arrow';
import type { Field, RecordBatch, Schema } from '@millrace/core';
import type { ChangedRows } from '../snapshot.ts';
import type { RowSampler } from './sample.ts';
import type { ScanSource, SelectedRows } from './source.ts';

/** Rows that are looked at between two looks at the clock. */
const WINDOW_ROWS = 4_096;

/** Reads the rows of one partition: adds the metadata columns, samples, filters. Batches without a selected row are left out. */
export async function* selectRows<Rows extends ChangedRows>(request: {
  readonly source: ScanSource<Rows>;
  readonly rows: readonly Rows[];
  readonly schema: Schema;
  readonly metadata: readonly Field[];
  readonly sampler: RowSampler | undefined;
  readonly predicates: readonly Predicate[];
  readonly breather: Breather;
}): AsyncGenerator<SelectedRows> {
  const { source, schema, metadata, sampler, predicates, breather } = request;
  for (const rows of request.rows) {
    await breather.breathe();
    const extra = metadata.map((field) => source.metadataColumn(field, rows));
    const batch: RecordBatch = {
      schema,
      numRows: rows.batch.numRows,
      data: { children: [...rows.batch.data.children, ...extra] },
    };
    if (sampler === undefined && predicates.length === 0) {
      if (batch.numRows > 0) yield { batch, rows: 'all' };
      continue;
    }
    const passes = bindConjunction(predicates, batch);
    const isSampled = sampler?.(rows.rowIds);
    const selected = new Uint32Array(batch.numRows);
    let count = 0;
    for (let start = 0; start < batch.numRows; start += WINDOW_ROWS) {
      const end = Math.min(start + WINDOW_ROWS, batch.numRows);
      for (let row = start; row < end; row++)
        if ((isSampled === undefined || isSampled(row)) && passes(row)) selected[count++] = row;
      await breather.breathe();
    }
    if (count === batch.numRows) yield { batch, rows: 'all' };
    else if (count > 0) yield { batch, rows: selected.subarray(0, count) };
  }
}
