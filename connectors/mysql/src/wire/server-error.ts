/** An error packet of the server. The message may quote values of rows: it is kept as a cause, and never repeated. */
export class ServerError extends Error {
  override readonly name: string = 'ServerError';
  /** The server's error number, for example 1146. */
  readonly errno: number;
  readonly sqlState: string;

  constructor(details: { readonly errno: number; readonly sqlState: string; readonly message: string }) {
    super(details.message);
    this.errno = details.errno;
    this.sqlState = details.sqlState;
  }
}

/** Reads an error packet: 0xff, number, `#` and SQLSTATE, text. */
export function readServerError(buffer: Buffer, start: number, end: number): ServerError {
  const hasState = buffer[start + 3] === 0x23;
  return new ServerError({
    errno: buffer.readUInt16LE(start + 1),
    sqlState: hasState ? buffer.toString('latin1', start + 4, start + 9) : 'HY000',
    message: buffer.toString('utf8', start + (hasState ? 9 : 3), end),
  });
}
