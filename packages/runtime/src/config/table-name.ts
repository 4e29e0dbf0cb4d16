import type { ConfigName } from './config-model.ts';
import { describeTakenCatalog, describeTakenName } from './taken-name.ts';

/** A name that was read, or why it cannot be one. */
export type TableNameResult =
  | { readonly kind: 'name'; readonly name: ConfigName }
  | { readonly kind: 'refused'; readonly reason: string; readonly hint: string };

interface NamePart {
  readonly value: string;
  readonly quoted: boolean;
}

const DEFAULT_SCHEMA = 'main';
const PART = /(?:"((?:[^"]|"")*)"|([\p{L}_][\p{L}\p{N}_$]*))(\.|$)/uy;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Reads `table` or `schema.table`. A part is a letter or `_` followed by letters, digits, `_` and `$`, and no word
 * that SQL reserves; in double quotes it is any text (a quote inside is doubled). `main.x` is `x`.
 *
 * Names of the engine's own schemas and tables, and names with a catalog in front, are refused.
 */
export function parseTableName(text: string): TableNameResult {
  const parts = splitParts(text);
  if (!parts) {
    const hint = `Use letters, digits and \`_\`, or quote it: '"my table"'; then it is quoted in SQL as well`;
    return { kind: 'refused', reason: '`name` is not a legal name', hint };
  }
  if (parts.length > 2) {
    const hint = 'Use `table` or `schema.table`';
    return { kind: 'refused', reason: '`name` has more than two parts, and a catalog cannot be named', hint };
  }
  const [schema, table] = parts.length === 2 ? parts : [undefined, parts[0]];
  if (!table) throw new TypeError('a name has at least one part');
  const taken = describeTakenName(schema, table);
  if (taken) return { kind: 'refused', ...taken };
  const isDefault = schema === undefined || schema.value.toLowerCase() === DEFAULT_SCHEMA;
  return { kind: 'name', name: { ...(isDefault ? {} : { schemaName: schema.value }), table: table.value, text } };
}

/** A catalog's name that was read, or why it cannot be one. */
export type CatalogNameResult =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly hint: string };

/** Reads the name of a catalog: one part as in a table's name, without a point. */
export function parseCatalogName(text: string): CatalogNameResult {
  const parts = splitParts(text);
  const [part] = parts ?? [];
  if (!part || parts?.length !== 1 || part.value.includes('.')) {
    const hint = 'Use letters, digits and `_`, or quote it; the tables are then `name.schema.table`';
    return { kind: 'refused', reason: '`name` is not a legal name of a catalog', hint };
  }
  const taken = describeTakenCatalog(part);
  return taken ? { kind: 'refused', ...taken } : { kind: 'name', name: part.value };
}

/** What two names that SQL cannot tell apart have in common. */
export function toComparisonKey({ schemaName = DEFAULT_SCHEMA, table }: ConfigName): string {
  return JSON.stringify([schemaName.toLowerCase(), table.toLowerCase()]);
}

/** As {@link toComparisonKey}, of a name as it is written; one that is not legal is taken as a table's. */
export function toNameKey(text: string): string {
  const parsed = parseTableName(text);
  return toComparisonKey(parsed.kind === 'name' ? parsed.name : { table: text, text });
}

function splitParts(text: string): readonly NamePart[] | undefined {
  const parts: NamePart[] = [];
  PART.lastIndex = 0;
  for (;;) {
    const match = PART.exec(text);
    if (!match) return undefined;
    const [, quoted, plain, end] = match;
    const value = plain ?? quoted?.replaceAll('""', '"') ?? '';
    if (value === '' || CONTROL.test(value)) return undefined;
    parts.push({ value, quoted: plain === undefined });
    if (end === '') return parts;
  }
}
