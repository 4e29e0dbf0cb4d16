import { open } from 'node:fs/promises';
import { MillraceError } from '@millrace/core';
import type { FileFormat } from './file-format.ts';
import type { FileVersion } from './file-version.ts';
import { fileSystemError } from './locate-files.ts';

const SIGNATURES: readonly (readonly [name: string, format: FileFormat | 'gzip' | 'zstd', bytes: readonly number[]])[] =
  [
    ['Parquet', 'parquet', [0x50, 0x41, 0x52, 0x31]],
    ['Arrow', 'arrow', [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31]],
    ['gzip', 'gzip', [0x1f, 0x8b]],
    ['Zstandard', 'zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ];

const LONGEST = 6;

/**
 * Compares a file's first bytes with the format that it is said to have, so that a wrong one is named at once.
 *
 * @throws MillraceError `invalid_data` for an empty file, one of another format, or a compressed one that is not said to be.
 */
export async function checkSignature(
  file: FileVersion,
  expected: { readonly format: FileFormat; readonly compression: string },
  component: string,
): Promise<void> {
  if (file.byteCount === 0)
    throw invalidFile(
      component,
      `${file.path} is empty: it has 0 bytes`,
      'Check that whatever writes the file has finished',
    );
  const head = await readHead(file.path, component);
  const found = SIGNATURES.find(([, , bytes]) => bytes.every((byte, index) => head[index] === byte));
  const isText = expected.format === 'csv' || expected.format === 'json';
  const wanted = isText ? textSignature(file.path, expected.compression) : expected.format;
  // An Arrow stream has no signature.
  if (found?.[1] === wanted || (found === undefined && expected.format === 'arrow')) return;
  if (found === undefined) {
    const name = SIGNATURES.find(([, format]) => format === wanted)?.[0];
    throw invalidFile(component, `${file.path} is not a ${name} file`, formatHint(isText));
  }
  throw invalidFile(component, `${file.path} is a ${found[0]} file`, formatHint(isText));
}

function formatHint(isText: boolean): string {
  return isText
    ? 'Set file_format, or file_compression_type, to what the file is'
    : 'Set file_format to what the file is';
}

/** The compression that a text file's first bytes must show; undefined for plain text. */
function textSignature(path: string, compression: string): 'gzip' | 'zstd' | undefined {
  if (compression === 'gzip' || compression === 'zstd') return compression;
  if (compression === 'none') return undefined;
  if (/\.gz$/i.test(path)) return 'gzip';
  return /\.zst$/i.test(path) ? 'zstd' : undefined;
}

async function readHead(path: string, component: string): Promise<Uint8Array> {
  try {
    const handle = await open(path);
    try {
      const { bytesRead, buffer } = await handle.read(new Uint8Array(LONGEST), 0, LONGEST, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileSystemError({ component }, path, error);
  }
}

function invalidFile(component: string, message: string, hint: string): MillraceError {
  return new MillraceError({ code: 'invalid_data', component, connector: 'file', message, hint });
}
