import { type Breather, concatBatches, createKeyReader, type KeyReader, type RowKey, takeRows } from '@millrace/arrow';
import { MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import { takeChunk } from './chunks.ts';
import { duplicateKey } from './constraints.ts';
import { type Chunk, type RowChanges, takeRowIds } from './snapshot.ts';
import type { WriteEffect } from './write-modes.ts';

/** Rows that are looked at between two looks at the clock. */
const WINDOW_ROWS = 8192;

/**
 * Matches rows that come to rows that are there by a key.
 *
 * A matched row is replaced as a whole (`update`, keeping its identity), left alone (`ignore`) or refused (`error`, `integrity`). Of several
 * rows with one key in the write, `update` keeps the last, `ignore` the first, and `error` refuses them. A key with a null matches nothing.
 */
export async function upsertRows(request: {
  readonly table: string;
  readonly schema: Schema;
  readonly chunks: readonly Chunk[];
  readonly rows: readonly RecordBatch[];
  readonly ordinals: readonly number[];
  readonly key: readonly string[];
  readonly onConflict: 'update' | 'ignore' | 'error';
  readonly breather: Breather;
}): Promise<WriteEffect> {
  const { table, schema, chunks, ordinals, onConflict, breather } = request;
  const unchanged: WriteEffect = { kept: chunks, deleted: [], updatedRows: [], inserted: [] };
  if (request.rows.length === 0) return unchanged;
  const incoming: RecordBatch = { ...concatBatches(schema, request.rows), schema };
  const wanted = await indexIncoming(request, keyReader(table, incoming, ordinals), incoming.numRows);

  const kept: Chunk[] = [];
  const updatedRows: RowChanges['updated'][number][] = [];
  const matched = new Set<number>();
  for (const chunk of chunks) {
    const read = keyReader(table, chunk.batch, ordinals);
    const pairs: { readonly existing: number; readonly incoming: number }[] = [];
    const others: number[] = [];
    for (let row = 0; row < chunk.batch.numRows; row++) {
      if (row % WINDOW_ROWS === 0) await breather.breathe();
      const key = read(row);
      const found = key === undefined ? undefined : wanted.byKey.get(key);
      if (found === undefined) others.push(row);
      else {
        matched.add(found);
        pairs.push({ existing: row, incoming: found });
      }
    }
    if (pairs.length > 0 && onConflict === 'error') throw duplicateKey(table, request.key.join(', '));
    if (pairs.length === 0 || onConflict === 'ignore') {
      kept.push(chunk);
      continue;
    }
    if (others.length > 0) kept.push(takeChunk(chunk, Uint32Array.from(others)));
    const before = Uint32Array.from(pairs, (pair) => pair.existing);
    const rowIds = takeRowIds(chunk.rowIds, before);
    updatedRows.push({
      before: { batch: { ...takeRows(chunk.batch, before), schema }, rowIds },
      after: {
        batch: {
          ...takeRows(
            incoming,
            Uint32Array.from(pairs, (pair) => pair.incoming),
          ),
          schema,
        },
        rowIds,
      },
    });
  }
  const fresh = wanted.rows.filter((row) => !matched.has(row));
  const inserted = fresh.length === 0 ? [] : [{ ...takeRows(incoming, Uint32Array.from(fresh)), schema }];
  return { kept, deleted: [], updatedRows, inserted };
}

/** Which of the rows that come are used, and where each key is. */
async function indexIncoming(
  request: {
    readonly table: string;
    readonly key: readonly string[];
    readonly onConflict: 'update' | 'ignore' | 'error';
    readonly breather: Breather;
  },
  read: KeyReader,
  rowCount: number,
): Promise<{ readonly byKey: ReadonlyMap<RowKey, number>; readonly rows: readonly number[] }> {
  const byKey = new Map<RowKey, number>();
  const withoutKey: number[] = [];
  for (let row = 0; row < rowCount; row++) {
    if (row % WINDOW_ROWS === 0) await request.breather.breathe();
    const key = read(row);
    if (key === undefined) withoutKey.push(row);
    else if (!byKey.has(key) || request.onConflict === 'update') byKey.set(key, row);
    else if (request.onConflict === 'error') throw duplicateKey(request.table, request.key.join(', '));
  }
  return { byKey, rows: [...byKey.values(), ...withoutKey].sort((left, right) => left - right) };
}

function keyReader(table: string, batch: RecordBatch, ordinals: readonly number[]): KeyReader {
  const read = createKeyReader(batch, ordinals);
  if (read !== undefined) return read;
  throw new MillraceError({
    code: 'unsupported',
    component: `table ${table}`,
    connector: 'memory',
    message: 'the key has a column whose values cannot be compared',
    hint: 'Choose key columns of plain types',
  });
}
