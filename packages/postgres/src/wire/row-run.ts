/**
 * Where the fields of a run of complete rows stand in a piece of the server's answer. The tuple has the layout of binary COPY: a count of
 * fields, then length and bytes of each (https://www.postgresql.org/docs/current/protocol-message-formats.html, DataRow).
 */
export interface RowRun {
  readonly bytes: Uint8Array;
  /** Over the same bytes. */
  readonly view: DataView;
  readonly rowCount: number;
  /** Of field `c` in row `r`: element `c * stride + r`. */
  readonly starts: Int32Array;
  /** As {@link starts}; -1 is NULL. */
  readonly lengths: Int32Array;
  readonly stride: number;
}

/** The bytes that a single value is read from. */
export interface ValueSource {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}
