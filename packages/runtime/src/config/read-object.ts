import { type ConfigNode, type ConfigPath, toFieldPath } from './config-node.ts';
import { toError } from './config-problem.ts';

const MAX_DEPTH = 64;

/**
 * Reads a configuration object into a node. Members that are `undefined` are left out.
 *
 * @throws MillraceError `invalid_config` for anything but plain data (a function, a Date, an instance of a class) and
 * for an object that contains itself, naming the place.
 */
export function readObject(value: unknown, path: ConfigPath = []): ConfigNode {
  if (path.length > MAX_DEPTH) throw refuse(path.slice(0, 3), 'is nested too deeply, or contains itself');
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return { kind: 'scalar', value, text: String(value) };
    case 'undefined':
      return { kind: 'scalar', value: null, text: '' };
    case 'object':
      return readComposite(value, path);
    default:
      throw refuse(path, `is a ${typeof value}`);
  }
}

function readComposite(value: object | null, path: ConfigPath): ConfigNode {
  if (value === null) return { kind: 'scalar', value, text: '' };
  if (Array.isArray(value)) {
    return { kind: 'list', items: Array.from(value, (item: unknown, index) => readObject(item, [...path, index])) };
  }
  if (!isPlainObject(value)) throw refuse(path, 'is an instance of a class');
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => ({ key, value: readObject(member, [...path, key]) }));
  return { kind: 'map', entries };
}

/**
 * Judged by the shape of the prototype: an object of another realm (a vm context, a test runner) is plain all the
 * same.
 */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function refuse(path: ConfigPath, what: string): Error {
  const subject = path.length === 0 ? 'the configuration' : `\`${toFieldPath(path)}\``;
  const hint = 'Use strings, numbers, booleans, lists and plain objects';
  return toError({ code: 'invalid_config', message: `${subject} ${what}`, hint });
}
