import { MEMORY_LIMIT_FORM, type MemoryLimit, readMemoryLimit } from '../memory/memory-limit.ts';
import type { ConfigContext } from './config-context.ts';
import { nodeAt } from './config-node.ts';
import { placeOf } from './config-place.ts';

const PATH = ['runtime', 'memory_limit'] as const;

/** Reads `runtime.memory_limit` and reports what is wrong with it; undefined for the default. */
export function resolveMemoryLimit(context: ConfigContext): MemoryLimit | undefined {
  const node = nodeAt(context.root, PATH);
  if (node?.kind !== 'scalar' || !context.shape.isSound(PATH)) return undefined;
  const limit = readMemoryLimit(node.text);
  if (!limit)
    context.report.problem({
      ...placeOf(context.root, PATH),
      code: 'invalid_config',
      message: `\`${PATH.join('.')}\` must be ${MEMORY_LIMIT_FORM}`,
      hint: 'Write for example 2GiB or 50%',
    });
  return limit;
}
