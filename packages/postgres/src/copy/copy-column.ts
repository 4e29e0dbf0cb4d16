/**
 * The values of a column for binary COPY, in the buffers of Arrow: row `i` is element `i`, least significant lane first. What `values` is
 * called tells the server's type: `int16` is int2, `uint32` becomes int8, `date` and `timestamp` count from 1970 and are written from 2000.
 */
export type CopyColumn = { readonly validity: Uint8Array | undefined } & (
  | { readonly kind: 'bool'; readonly bits: Uint8Array }
  | { readonly kind: 'int16'; readonly values: Int8Array | Uint8Array | Int16Array }
  | { readonly kind: 'int32'; readonly values: Int32Array | Uint16Array }
  | { readonly kind: 'date'; readonly values: Int32Array }
  | { readonly kind: 'uint32'; readonly values: Uint32Array }
  /** Any 64 bits as they are, two lanes a value: int8, float8, time. */
  | { readonly kind: 'int64'; readonly lanes: Int32Array }
  | { readonly kind: 'timestamp'; readonly lanes: Int32Array }
  /** Integers of `wordCount` words times ten to the power of minus `scale`. */
  | {
      readonly kind: 'numeric';
      readonly words: Uint32Array;
      readonly wordCount: 2 | 4;
      readonly sign: 'signed' | 'unsigned';
      readonly scale: number;
    }
  /** Bytes of one width. */
  | { readonly kind: 'fixed_bytes'; readonly width: number; readonly bytes: Uint8Array }
  /** Bytes from `offsets[i]` to `offsets[i + 1]`. */
  | { readonly kind: 'bytes'; readonly offsets: Int32Array; readonly bytes: Uint8Array }
  /** Bytes of the entry that `indices[i]` names. */
  | {
      readonly kind: 'entries';
      readonly indices: ArrayLike<number | bigint>;
      readonly offsets: Int32Array;
      readonly bytes: Uint8Array;
    }
);
