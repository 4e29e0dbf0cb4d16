import { asNode, type PlanNode, textOf } from './plan-json.ts';

/** Functions of which the answer changes between calls; those of the clock are planned as these, see environment-macros.ts. */
const VOLATILE: ReadonlySet<string> = new Set([
  'random',
  'uuid',
  'uuidv4',
  'uuidv7',
  'gen_random_uuid',
  'nextval',
  'currval',
]);

/** Functions that the vocabulary knows, so that they are not to blame. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['~~', '!~~', 'like_escape', 'not_like_escape', 'prefix', 'starts_with', '^@', 'suffix', 'ends_with', 'contains'],
  ...['lower', 'upper', 'length', '%', 'mod', 'struct_extract', 'array_extract', 'constant_or_null'],
]);

/** Says why a filter stays in the engine, without its values. */
export function unpushedNote(filter: PlanNode): string {
  const parts = partsOf(filter);
  const functions = parts.flatMap((part) =>
    textOf(part, 'expression_class') === 'BOUND_FUNCTION' ? (textOf(part, 'name') ?? []) : [],
  );
  if (functions.some((name) => VOLATILE.has(name))) {
    return 'a filter on a volatile value (now(), random() …) stays in the engine';
  }
  const unknown = functions.find((name) => !KNOWN.has(name));
  if (unknown !== undefined) return `a filter with ${unknown} stays in the engine: no source can be asked for it`;
  if (parts.some((part) => textOf(part, 'expression_class') === 'BOUND_CAST')) {
    return 'a filter with a cast stays in the engine: the cast could fail on a row that another filter removes';
  }
  return 'a filter stays in the engine: no source can be asked for it';
}

function partsOf(node: PlanNode): readonly PlanNode[] {
  const parts: PlanNode[] = [];
  const queue: unknown[] = [node];
  for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
    if (Array.isArray(value)) {
      queue.push(...value.filter((item) => typeof item === 'object' && item !== null));
      continue;
    }
    const part = asNode(value);
    if (part === undefined) continue;
    parts.push(part);
    queue.push(...Object.values(part).filter((member) => typeof member === 'object' && member !== null));
  }
  return parts;
}
