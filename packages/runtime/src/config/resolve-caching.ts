import { readBytes } from '@millrace/core';
import type { ConfigContext } from './config-context.ts';
import type { ResultsCacheInput } from './config-input.ts';
import type { ResultsCacheConfig } from './config-model.ts';
import { nodeAt, toPlainValue } from './config-node.ts';
import { placeOf } from './config-place.ts';
import { resolveDuration } from './resolve-duration.ts';

const PATH = ['runtime', 'caching', 'sql_results'] as const;

/** Reads `runtime.caching.sql_results` and reports every problem; undefined where results are not kept. */
export function resolveCaching(context: ConfigContext): ResultsCacheConfig | undefined {
  const node = nodeAt(context.root, PATH);
  if (node?.kind !== 'map' || !context.shape.isSound(PATH)) return undefined;
  const { enabled = true, max_size: size = '128MiB', item_ttl: ttl = '1s' } = toPlainValue(node) as ResultsCacheInput;
  const maxBytes = readBytes(size);
  if (maxBytes === undefined || maxBytes === 0)
    context.report.problem({
      ...placeOf(context.root, [...PATH, 'max_size']),
      code: 'invalid_config',
      message: '`runtime.caching.sql_results.max_size` must be a size in bytes above 0',
      hint: 'Write for example 64MiB',
    });
  const itemTtlMs = resolveDuration(context, { path: [...PATH, 'item_ttl'], text: ttl });
  return enabled && maxBytes && itemTtlMs ? { maxBytes, itemTtlMs } : undefined;
}
