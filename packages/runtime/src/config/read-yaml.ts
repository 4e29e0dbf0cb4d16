import type { SourceLocation } from '@millrace/core';
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  Scalar,
  type YAMLMap,
} from 'yaml';
import type { ConfigNode, MapEntry, MapNode } from './config-node.ts';
import { ConfigReport, toError } from './config-problem.ts';
import { describeYamlError } from './yaml-error.ts';

/** A YAML text and the name of its file for messages. */
export interface YamlSource {
  readonly text: string;
  readonly file: string;
}

const MAX_NODES = 100_000;
const MAX_DEPTH = 64;

/**
 * Reads one YAML 1.2 document into a node. Anchors, aliases and merge keys (`<<`) work; an explicit key wins over a
 * merged one.
 *
 * @throws MillraceError `invalid_config` that lists every syntax error with its line and column, for an empty
 * document, and for one that aliases blow up beyond 100,000 nodes or 64 levels.
 */
export function readYaml({ text, file }: YamlSource): ConfigNode {
  const lineCounter = new LineCounter();
  const source = text.replace(/^\uFEFF/, '');
  const document = parseDocument(source, {
    lineCounter,
    prettyErrors: false,
    logLevel: 'error',
    merge: true,
    version: '1.2',
  });
  const locate = (offset: number): SourceLocation => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line, column: col };
  };
  const report = new ConfigReport();
  for (const error of [...document.errors, ...document.warnings]) {
    report.problem({ code: 'invalid_config', location: locate(error.pos[0]), ...describeYamlError(error.code) });
  }
  report.throwIfAny();
  if (document.contents === null) {
    throw toError({
      code: 'invalid_config',
      message: 'the configuration is empty',
      hint: 'Begin with `version: v1` and list your datasets under `datasets:`',
      location: { file, line: 1, column: 1 },
    });
  }
  return new NodeReader({ source, locate, resolve: (alias) => alias.resolve(document) }).read(document.contents, 0);
}

interface NodeReaderParts {
  readonly source: string;
  readonly locate: (offset: number) => SourceLocation;
  readonly resolve: (alias: Alias) => Node | undefined;
}

class NodeReader {
  #nodeCount = 0;
  readonly #source: string;
  readonly #locate: (offset: number) => SourceLocation;
  readonly #resolve: (alias: Alias) => Node | undefined;

  constructor({ source, locate, resolve }: NodeReaderParts) {
    this.#source = source;
    this.#locate = locate;
    this.#resolve = resolve;
  }

  read(node: unknown, depth: number): ConfigNode {
    const location = this.#locationOf(node);
    if (++this.#nodeCount > MAX_NODES || depth > MAX_DEPTH) {
      const message = `the configuration is deeper than ${MAX_DEPTH} levels or larger than ${MAX_NODES} nodes`;
      throw toError({ code: 'invalid_config', message, hint: 'Look for an alias inside its own anchor', location });
    }
    if (isAlias(node)) return this.#readAlias(node, location, depth);
    if (isMap(node)) return { kind: 'map', location, entries: this.#readEntries(node, depth) };
    if (isSeq(node)) return { kind: 'list', location, items: node.items.map((item) => this.read(item, depth + 1)) };
    if (!isScalar(node)) return { kind: 'scalar', location, value: null, text: '' };
    const start = this.#startOf(node);
    return { kind: 'scalar', location, value: toScalarValue(node.value), text: sourceText(node), start };
  }

  #readAlias(alias: Alias, location: SourceLocation | undefined, depth: number): ConfigNode {
    const target = this.#resolve(alias);
    if (target !== undefined) return this.read(target, depth + 1);
    const hint = 'If it is meant as text, put it in quotes';
    throw toError({ code: 'invalid_config', message: 'an alias has no anchor before it', hint, location });
  }

  #readEntries(map: YAMLMap, depth: number): readonly MapEntry[] {
    const own = new Map<string, MapEntry>();
    const merged = new Map<string, MapEntry>();
    for (const { key, value } of map.items) {
      const location = this.#locationOf(key);
      if (isScalar(key) && typeof key.value === 'symbol') {
        for (const entry of this.#mergedEntries(value, location, depth)) {
          if (!merged.has(entry.key)) merged.set(entry.key, entry);
        }
        continue;
      }
      const name = isAlias(key) ? this.#resolve(key) : key;
      if (!isScalar(name) || name.value === null) {
        throw toError({ code: 'invalid_config', message: 'a key is not a plain word', location });
      }
      const text = sourceText(name);
      if (own.has(text)) throw toError({ code: 'invalid_config', location, ...describeYamlError('DUPLICATE_KEY') });
      own.set(text, { key: text, location, value: this.read(value, depth + 1) });
    }
    return [...own.values(), ...[...merged.values()].filter(({ key }) => !own.has(key))];
  }

  #mergedEntries(value: unknown, location: SourceLocation | undefined, depth: number): readonly MapEntry[] {
    const source = this.read(value, depth + 1);
    const maps = source.kind === 'list' ? source.items : [source];
    if (!maps.every((node): node is MapNode => node.kind === 'map')) {
      throw toError({ code: 'invalid_config', message: '`<<` takes a map or a list of maps', location });
    }
    return maps.flatMap((map) => map.entries);
  }

  /** Where the text of a scalar begins that stands in the file as it is, line by line. */
  #startOf({ range, type }: Scalar): SourceLocation | undefined {
    if (!range) return undefined;
    const written = this.#source.slice(range[0], range[1]);
    if (type === Scalar.BLOCK_LITERAL) {
      // The first line that is not empty says how deep all of them are, unless the head does, as in `|2`.
      const [, indent] = /^\|[+-]?[^\S\n]*(?:#[^\n]*)?\r?\n(?:[^\S\n]*\r?\n)*( *)\S/.exec(written) ?? [];
      const { file, line } = this.#locate(range[0]);
      return indent === undefined ? undefined : { file, line: line + 1, column: indent.length + 1 };
    }
    const isQuoted = type === Scalar.QUOTE_DOUBLE || type === Scalar.QUOTE_SINGLE;
    const isPlain = type === Scalar.PLAIN;
    if (!(isPlain || isQuoted) || written.includes('\n')) return undefined;
    if (isQuoted && /\\|''/.test(written.slice(1, -1))) return undefined;
    return this.#locate(range[0] + (isQuoted ? 1 : 0));
  }

  #locationOf(node: unknown): SourceLocation | undefined {
    const range = (node as Node | null | undefined)?.range;
    return range ? this.#locate(range[0]) : undefined;
  }
}

/** Only plain scalars are ever coerced; of them the source is kept, and of all others the value is the text. */
function sourceText(scalar: Scalar): string {
  const isCoerced = typeof scalar.value !== 'string' && scalar.type === Scalar.PLAIN;
  return isCoerced ? (scalar.source ?? '') : String(scalar.value);
}

function toScalarValue(value: unknown): null | boolean | number | bigint | string {
  switch (typeof value) {
    case 'boolean':
    case 'number':
    case 'bigint':
    case 'string':
      return value;
    default:
      return value === null ? null : String(value);
  }
}
