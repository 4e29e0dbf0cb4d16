import { MillraceError, parseBytes } from '@millrace/core';
import { formatBytes } from './format-bytes.ts';
import { type MemoryReader, usableMemory } from './usable-memory.ts';

/** How much memory a runtime may use: bytes, or a part of what the process may use. */
export type MemoryLimit =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'percent'; readonly percent: number };

/** What {@link readMemoryLimit} reads, for messages. */
export const MEMORY_LIMIT_FORM = 'a size of at least 128MiB, or a percentage such as 50%';

/** With less, the query engine and what plans for it have no room. */
export const MIN_LIMIT_BYTES: number = 128 * 2 ** 20;

const DEFAULT_PERCENT = 60;

/** Reads a size as `parseBytes` does, or a percentage above 0 and up to 100; undefined for anything else, and for too small a size. */
export function readMemoryLimit(text: string): MemoryLimit | undefined {
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())?.[1];
  if (percent !== undefined) {
    const value = Number(percent);
    return value > 0 && value <= 100 ? { kind: 'percent', percent: value } : undefined;
  }
  try {
    const bytes = parseBytes(text);
    return bytes >= MIN_LIMIT_BYTES ? { kind: 'bytes', bytes } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The limit in bytes. Default: 60 % of what the process may use, which leaves room for Node's own heap and for batches under way; never
 * below 128 MiB.
 *
 * @throws MillraceError `invalid_config` for a percentage that comes to less than that.
 */
export function toLimitBytes(limit: MemoryLimit | undefined, reader?: MemoryReader): number {
  if (limit?.kind === 'bytes') return limit.bytes;
  const usable = usableMemory(reader);
  const bytes = Math.floor((usable * (limit?.percent ?? DEFAULT_PERCENT)) / 100);
  if (bytes >= MIN_LIMIT_BYTES) return bytes;
  if (!limit) return MIN_LIMIT_BYTES;
  throw new MillraceError({
    code: 'invalid_config',
    component: 'configuration',
    message: `\`runtime.memory_limit\` of ${limit.percent}% comes to ${formatBytes(bytes)}, as the process may use ${formatBytes(usable)}`,
    hint: `Give it ${formatBytes(MIN_LIMIT_BYTES)} at least`,
  });
}
