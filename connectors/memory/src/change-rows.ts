import type { LiteralLike } from '@millrace/arrow';
import { type ColumnData, dataTypes, type Field, type ScanRequest, type Schema, TimeUnit } from '@millrace/core';
import type { ChangeStep } from './changes.ts';
import { constantColumn } from './conform-batch.ts';
import { ROW_ID_COLUMN, rowIdColumn } from './metadata-columns.ts';
import type { ScanSource } from './scan/source.ts';
import type { ChangedRows } from './snapshot.ts';

/** What happened to a row: `insert`, `delete`, or one of the two images of an update, which follow each other with equal row ids. */
export type ChangeType = 'insert' | 'delete' | 'update_preimage' | 'update_postimage';

/** The column of a change log that holds the {@link ChangeType}. It is always there: the last column unless it was asked for. */
export const CHANGE_TYPE_COLUMN = '_change_type';

/** The columns of a change log beside those of the table. */
export const changeColumns: Schema = {
  fields: [
    { name: CHANGE_TYPE_COLUMN, type: dataTypes.utf8(), nullable: false },
    { name: '_commit_version', type: dataTypes.int64(), nullable: false },
    { name: '_commit_timestamp', type: dataTypes.timestamp(TimeUnit.Microsecond, 'UTC'), nullable: false },
    { name: ROW_ID_COLUMN, type: dataTypes.int64(), nullable: false },
  ],
};

/** Rows of a change log: all of one batch have one type and one version. */
export interface LoggedRows extends ChangedRows {
  readonly changeType: ChangeType;
  readonly version: bigint;
  readonly createdAtMicros: bigint;
}

/** The rows of one step: deletes, then the two images of each update, then inserts. */
export function changeRows({ snapshot, content }: ChangeStep): readonly LoggedRows[] {
  const { version, createdAtMicros, changes, chunks } = snapshot;
  const log = (changeType: ChangeType, { batch, rowIds }: ChangedRows): readonly LoggedRows[] =>
    batch.numRows === 0 ? [] : [{ batch, rowIds, changeType, version, createdAtMicros }];
  if (content === 'all_rows') return chunks.flatMap((chunk) => log('insert', chunk));
  return [
    ...changes.deleted.flatMap((rows) => log('delete', rows)),
    ...changes.updated.flatMap(({ before, after }) => [
      ...log('update_preimage', before),
      ...log('update_postimage', after),
    ]),
    ...changes.inserted.flatMap((rows) => log('insert', rows)),
  ];
}

/** Bytes of the buffers that hold the rows. */
export function changeBytes(rows: readonly LoggedRows[]): number {
  return rows.reduce(
    (sum, { batch }) => sum + batch.data.children.reduce((bytes, column) => bytes + columnBytes(column), 0),
    0,
  );
}

/** Makes rows of a change log scannable. One partition, because the order of changes matters. */
export function changeSource(label: string, schema: Schema, rows: readonly LoggedRows[]): ScanSource<LoggedRows> {
  return {
    label,
    schema,
    metadataColumns: changeColumns,
    partitions: [{ rows, detail: { changes: rows.length } }],
    metadataColumn: (field, logged) =>
      field.name === ROW_ID_COLUMN
        ? rowIdColumn(field, logged)
        : constantColumn(field.type, metadataValue(field, logged), logged.batch.numRows),
  };
}

/** A reader that forgot to ask for the change type would take deletes for inserts. */
export function withChangeType(request: ScanRequest): ScanRequest {
  const asked = request.metadataColumns ?? [];
  return asked.includes(CHANGE_TYPE_COLUMN) ? request : { ...request, metadataColumns: [...asked, CHANGE_TYPE_COLUMN] };
}

function metadataValue(field: Field, { changeType, version, createdAtMicros }: LoggedRows): LiteralLike {
  if (field.name === CHANGE_TYPE_COLUMN) return changeType;
  return field.name === '_commit_version' ? version : createdAtMicros;
}

function columnBytes(column: ColumnData): number {
  const own =
    (column.values?.byteLength ?? 0) + (column.valueOffsets?.byteLength ?? 0) + (column.nullBitmap?.byteLength ?? 0);
  return column.children.reduce((sum, child) => sum + columnBytes(child), own);
}
