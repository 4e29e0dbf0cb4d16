import type { ColumnData, RecordBatch } from '@millrace/core';

type Dictionary = NonNullable<ColumnData['dictionary']>;

/** What the allocation of a buffer costs beside its bytes, about. */
const BUFFER_OVERHEAD = 128;

/**
 * Copies the batches of one result, so that nobody else's buffers are kept, and nobody else's changes are seen. A copy has the bytes of
 * its rows and no more, even where the buffers that it was made from are larger; a dictionary that batches share is copied once.
 */
export class BatchCopier {
  readonly #dictionaries = new Map<Dictionary, Dictionary>();
  readonly #measured = new Set<Dictionary>();

  /** Bytes that a copy of the batch would take, after those of the batches that were measured before it. */
  measure(batch: RecordBatch): number {
    let byteCount = 0;
    const measureColumn = (column: ColumnData): void => {
      for (const buffer of [column.values, column.valueOffsets, column.nullBitmap, column.typeIds])
        if (buffer) byteCount += buffer.byteLength + BUFFER_OVERHEAD;
      for (const child of column.children) measureColumn(child);
      if (!column.dictionary || this.#measured.has(column.dictionary)) return;
      this.#measured.add(column.dictionary);
      for (const members of column.dictionary.data) measureColumn(members);
    };
    for (const column of batch.data.children) measureColumn(column);
    return byteCount;
  }

  copy({ schema, numRows, data }: RecordBatch): RecordBatch {
    return { schema, numRows, data: { children: data.children.map((column) => this.#copyColumn(column)) } };
  }

  #copyColumn(column: ColumnData): ColumnData {
    const { type, length, offset, nullCount, values, valueOffsets, nullBitmap, typeIds, children, dictionary } = column;
    return {
      type,
      length,
      offset,
      nullCount,
      ...(values ? { values: copyView(values) } : {}),
      ...(valueOffsets ? { valueOffsets: valueOffsets.slice() } : {}),
      ...(nullBitmap ? { nullBitmap: nullBitmap.slice() } : {}),
      ...(typeIds ? { typeIds: typeIds.slice() } : {}),
      children: children.map((child) => this.#copyColumn(child)),
      ...(dictionary ? { dictionary: this.#copyDictionary(dictionary) } : {}),
    };
  }

  #copyDictionary(dictionary: Dictionary): Dictionary {
    const known = this.#dictionaries.get(dictionary);
    if (known) return known;
    const copied = { data: dictionary.data.map((members) => this.#copyColumn(members)) };
    this.#dictionaries.set(dictionary, copied);
    return copied;
  }
}

/** A view of the same class over bytes of its own. */
function copyView(view: ArrayBufferView): ArrayBufferView {
  if (view instanceof DataView) return new DataView(copyBytes(view));
  const typed = view as Uint8Array;
  const Class = typed.constructor as new (buffer: ArrayBuffer) => Uint8Array;
  return new Class(copyBytes(view));
}

function copyBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): ArrayBuffer {
  const bytes = new ArrayBuffer(byteLength);
  new Uint8Array(bytes).set(new Uint8Array(buffer, byteOffset, byteLength));
  return bytes;
}
