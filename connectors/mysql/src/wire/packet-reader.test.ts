import { expect, test } from 'vitest';
import { PacketReader } from './packet-reader.ts';

function packet(sequence: number, payload: Buffer): Buffer {
  const { length } = payload;
  return Buffer.concat([Buffer.from([length & 0xff, (length >> 8) & 0xff, length >> 16, sequence]), payload]);
}

function readAll(reader: PacketReader): string[] {
  const payloads: string[] = [];
  while (reader.next()) payloads.push(reader.buffer.toString('latin1', reader.start, reader.end));
  return payloads;
}

const PAYLOADS = ['', 'a', 'bcd', 'x'.repeat(300), 'last'];
const STREAM = Buffer.concat(PAYLOADS.map((text, index) => packet(index, Buffer.from(text))));

test('packets are found wherever the stream was cut', () => {
  for (let size = 1; size <= STREAM.length; size++) {
    const reader = new PacketReader();
    const payloads: string[] = [];
    for (let start = 0; start < STREAM.length; start += size) {
      reader.push(STREAM.subarray(start, start + size));
      payloads.push(...readAll(reader));
    }
    expect(payloads).toEqual(PAYLOADS);
    expect(reader.pendingBytes).toBe(0);
  }
});

test('a payload of 16 MiB and more is joined from its packets, and what follows is still found', () => {
  const longest = 0xff_ff_ff;
  for (const length of [longest, longest + 5, longest * 2]) {
    const payload = Buffer.alloc(length, 7);
    payload[length - 1] = 9;
    const parts: Buffer[] = [];
    for (let start = 0; start <= length; start += longest)
      parts.push(packet(parts.length, payload.subarray(start, start + longest)));
    const stream = Buffer.concat([...parts, packet(0, Buffer.from('next'))]);
    const reader = new PacketReader();
    const found: number[] = [];
    for (let start = 0; start < stream.length; start += 65_536) {
      reader.push(stream.subarray(start, start + 65_536));
      while (reader.next()) {
        found.push(reader.end - reader.start);
        if (found.length === 1) expect(reader.buffer[reader.end - 1]).toBe(9);
        else expect(reader.buffer.toString('latin1', reader.start, reader.end)).toBe('next');
      }
    }
    expect(found).toEqual([length, 4]);
  }
});

test('every chunk is given back once, and not while a packet in it is being read', () => {
  for (const size of [1, 3, 7, 50, 400]) {
    const given: Buffer[] = [];
    const reader = new PacketReader((chunk) => given.push(chunk));
    const chunks: Buffer[] = [];
    for (let start = 0; start < STREAM.length; start += size) {
      const chunk = Buffer.from(STREAM.subarray(start, start + size));
      chunks.push(chunk);
      reader.push(chunk);
      while (reader.next()) expect(given).not.toContain(reader.buffer);
    }
    reader.push(Buffer.from(STREAM));
    while (reader.next());
    expect(new Set(given).size).toBe(given.length);
    expect(given).toEqual(expect.arrayContaining(chunks));
  }
});
