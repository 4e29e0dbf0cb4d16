/**
 * Bytes that a length-encoded integer takes, by its first byte.
 *
 * Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_dt_integers.html
 */
export function lengthSize(first: number): number {
  if (first < 0xfb) return 1;
  return first === 0xfc ? 3 : first === 0xfd ? 4 : 9;
}

/** Reads a length-encoded integer; lengths beyond 4 GiB do not occur, as no packet is that long. */
export function readLength(buffer: Buffer, position: number): number {
  const first = buffer[position]!;
  if (first < 0xfb) return first;
  if (first === 0xfc) return buffer.readUInt16LE(position + 1);
  if (first === 0xfd) return buffer.readUIntLE(position + 1, 3);
  return buffer.readUInt32LE(position + 1) + buffer.readUInt32LE(position + 5) * 2 ** 32;
}

/** Appends a length-encoded text or run of bytes. */
export function lengthEncoded(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  let head: Buffer;
  if (length < 0xfb) head = Buffer.from([length]);
  else if (length < 0x1_00_00) head = Buffer.from([0xfc, length & 0xff, length >> 8]);
  else if (length < 0x1_00_00_00) head = Buffer.from([0xfd, length & 0xff, (length >> 8) & 0xff, length >> 16]);
  else {
    head = Buffer.alloc(9);
    head[0] = 0xfe;
    head.writeBigUInt64LE(BigInt(length), 1);
  }
  return Buffer.concat([head, bytes]);
}
