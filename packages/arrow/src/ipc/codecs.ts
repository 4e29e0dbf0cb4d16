import * as zlib from 'node:zlib';
import { MillraceError } from '@millrace/core';
import { CompressionType, compressionRegistry } from 'apache-arrow';
import { decodeLz4Frame } from './lz4-frame.ts';

type ZstdDecompress = (bytes: Uint8Array) => Uint8Array;

/**
 * Gives apache-arrow the two compressions of the IPC format, where the host has not done so already.
 *
 * apache-arrow itself brings none; LZ4 is what pandas and pyarrow write by default.
 */
export function registerCodecs(): void {
  if (!compressionRegistry.get(CompressionType.LZ4_FRAME)) {
    compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame });
  }
  if (!compressionRegistry.get(CompressionType.ZSTD))
    compressionRegistry.set(CompressionType.ZSTD, { decode: decodeZstd });
}

function decodeZstd(bytes: Uint8Array): Uint8Array {
  const decompress = (zlib as { readonly zstdDecompressSync?: ZstdDecompress }).zstdDecompressSync;
  if (decompress) return new Uint8Array(decompress(bytes));
  throw new MillraceError({
    code: 'unsupported',
    component: 'arrow ipc',
    message: 'the data is compressed with ZSTD, which this version of Node.js cannot decompress',
    hint: 'Use Node.js 22.15 or newer, or write the data with LZ4 or without compression.',
  });
}
