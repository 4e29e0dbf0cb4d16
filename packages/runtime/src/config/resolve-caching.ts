import { parseBytes, parseDuration } from '@millrace/core';
import type { ConfigContext } from './config-context.ts';
import type { ResultsCacheInput } from './config-input.ts';
import type { ResultsCacheConfig } from './config-model.ts';
import { nodeAt, toPlainValue } from './config-node.ts';
import { placeOf } from './config-place.ts';

const PATH = ['runtime', 'caching', 'sql_results'] as const;

/** Reads `runtime.caching.sql_results` and reports every problem; undefined where results are not kept. */
export function resolveCaching(context: ConfigContext): ResultsCacheConfig | undefined {
  const node = nodeAt(context.root, PATH);
  if (node?.kind !== 'map' || !context.shape.isSound(PATH)) return undefined;
  const { enabled = true, max_size: size = '128MiB', item_ttl: ttl = '1s' } = toPlainValue(node) as ResultsCacheInput;
  const maxBytes = readAboveZero(() => parseBytes(size));
  const itemTtlMs = readAboveZero(() => parseDuration(ttl));
  const report = (field: 'max_size' | 'item_ttl', form: string, hint: string): void =>
    context.report.problem({
      ...placeOf(context.root, [...PATH, field]),
      code: 'invalid_config',
      message: `\`${PATH.join('.')}.${field}\` must be ${form} above 0`,
      hint,
    });
  if (maxBytes === undefined) report('max_size', 'a size in bytes', 'Write for example 64MiB');
  if (itemTtlMs === undefined) report('item_ttl', 'a duration with a unit', 'Write for example 10s or 5m');
  return enabled && maxBytes !== undefined && itemTtlMs !== undefined ? { maxBytes, itemTtlMs } : undefined;
}

function readAboveZero(read: () => number): number | undefined {
  try {
    const value = read();
    return value > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}
