import type { Catalog, TableReference } from '@millrace/core';
import { canBegin, matchesPattern } from './match-pattern.ts';

/** The tables of a catalog that a configuration asks for. */
export interface CatalogListing {
  readonly tables: readonly TableReference[];
  /** Tables that are there and left out. */
  readonly leftOut: readonly TableReference[];
  /** Patterns of `include` that match no table. */
  readonly unmatched: readonly string[];
}

/** Which tables a listing keeps. */
export interface ListingFilter {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** The schema by which SQL finds the tables of a namespace; those of the root are in `main`. */
export function schemaOfNamespace(namespace: readonly string[]): string {
  return namespace.length === 0 ? 'main' : namespace.join('.');
}

/** Lists the tables of all namespaces in which one can be wanted. One listing for each namespace, none for each table. */
export async function listCatalog(
  catalog: Catalog,
  { include, exclude }: ListingFilter,
  signal: AbortSignal,
): Promise<CatalogListing> {
  const tables: TableReference[] = [];
  const leftOut: TableReference[] = [];
  const unmatched = new Set(include);
  const pending: (readonly string[])[] = [[]];
  for (let namespace = pending.pop(); namespace !== undefined; namespace = pending.pop()) {
    for await (const child of catalog.namespaces(namespace, { signal })) pending.push(child);
    const start = `${schemaOfNamespace(namespace)}.`;
    if (include.length > 0 && !include.some((pattern) => canBegin(start, pattern))) continue;
    for await (const { reference } of catalog.tables(namespace, { signal })) {
      const text = start + reference.name;
      const matching = include.filter((pattern) => matchesPattern(text, pattern));
      for (const pattern of matching) unmatched.delete(pattern);
      const isWanted = include.length === 0 || matching.length > 0;
      if (isWanted && !exclude.some((pattern) => matchesPattern(text, pattern))) tables.push(reference);
      else leftOut.push(reference);
    }
  }
  return { tables, leftOut, unmatched: [...unmatched] };
}
