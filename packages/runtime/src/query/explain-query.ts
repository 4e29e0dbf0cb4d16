import type { Explanation, PushdownDegree } from '@millrace/core';
import type { CacheExplanation } from '../results-cache/cache-status.ts';
import { formatTableName } from './engine-table.ts';
import { formatExpr, formatSortKey } from './format-expr.ts';
import type { PreparedTable } from './prepare-tables.ts';

/** How a statement would be answered. Plain data; `formatExplanation` makes a text of it. */
export interface QueryExplanation {
  readonly sql: string;
  readonly scans: readonly ScanExplanation[];
  /** What the results cache has to say; absent without one. On a hit nothing is scanned. */
  readonly cache?: CacheExplanation;
}

/** How one table takes part in a query. */
export type ScanExplanation =
  | {
      readonly table: string;
      /** `in_place`: it lives in the engine. `native`: the engine reads its files or batches by itself. */
      readonly access: 'in_place' | 'native';
      /** What the engine reads; it pushes filters and columns down into that by itself. */
      readonly relation: string;
    }
  | {
      readonly table: string;
      /** Rows come through the provider's scan. */
      readonly access: 'scan';
      readonly columns: readonly string[];
      readonly filters: readonly { readonly expression: string; readonly degree: PushdownDegree }[];
      readonly order?: { readonly keys: readonly string[]; readonly degree: PushdownDegree };
      readonly limit?: { readonly rowCount: string; readonly degree: PushdownDegree };
      readonly partitionCount: number;
      /** What runs at the source; absent where the planner proved that no row can matter. */
      readonly source?: Explanation;
      readonly notes: readonly string[];
    };

/** Describes prepared tables; nothing is read. What connectors say of themselves passes through `redact`. */
export function explainQuery(
  sql: string,
  tables: readonly PreparedTable[],
  redact: (text: string) => string,
): QueryExplanation {
  return { sql, scans: tables.map((table) => explainTable(table, redact)) };
}

function explainTable(prepared: PreparedTable, redact: (text: string) => string): ScanExplanation {
  const table = prepared.table.label ?? formatTableName(prepared.table.name);
  if (prepared.access === 'direct') {
    const { relation } = prepared;
    switch (relation.kind) {
      case 'engine_table':
        return { table, access: 'in_place', relation: `${relation.catalog}.${relation.schemaName}.${relation.table}` };
      case 'batches': {
        const rowCount = relation.batches.reduce((sum, batch) => sum + batch.numRows, 0);
        return { table, access: 'native', relation: `${rowCount} rows in ${relation.batches.length} Arrow batches` };
      }
      case 'sql':
        return { table, access: 'native', relation: redact(relation.sql) };
    }
  }
  const { request, plan } = prepared.scan;
  const fields = prepared.table.schema.fields;
  const applied = plan?.applied;
  return {
    table,
    access: 'scan',
    columns: request.projection.map((ordinal) => fields[ordinal]!.name),
    filters: request.filters.map((filter, index) => ({
      expression: formatExpr(filter),
      degree: applied?.filters[index] ?? 'none',
    })),
    ...(request.order === undefined
      ? {}
      : { order: { keys: request.order.map(formatSortKey), degree: applied?.order ?? 'none' } }),
    ...(request.limit === undefined
      ? {}
      : { limit: { rowCount: String(request.limit), degree: applied?.limit ?? 'none' } }),
    partitionCount: plan?.partitions.length ?? 0,
    ...(plan === undefined ? {} : { source: redactExplanation(plan.explain(), redact) }),
    notes: plan === undefined ? [...prepared.notes, 'not read: no row can be part of the result'] : prepared.notes,
  };
}

function redactExplanation({ source, statement, notes }: Explanation, redact: (text: string) => string): Explanation {
  return {
    source: redact(source),
    ...(statement === undefined ? {} : { statement: redact(statement) }),
    ...(notes === undefined ? {} : { notes: notes.map(redact) }),
  };
}

/** The explanation as lines of text for people. */
export function formatExplanation(explanation: QueryExplanation): string {
  const scans = explanation.scans.map(formatScan);
  return [...(explanation.cache ? [formatCache(explanation.cache)] : []), ...scans].join('\n\n');
}

function formatCache(cache: CacheExplanation): string {
  switch (cache.status) {
    case 'hit':
      return `results cache: hit\n  ${cache.rowCount} rows, ${Math.round(cache.ageMs)} ms old`;
    case 'miss':
      return 'results cache: miss';
    case 'bypass':
      return `results cache: bypass\n  ${cache.reason}`;
  }
}

function formatScan(scan: ScanExplanation): string {
  if (scan.access !== 'scan') {
    return `${scan.table}: ${scan.access === 'in_place' ? 'in place' : 'native relation'}\n  ${scan.relation}`;
  }
  const lines = [
    `${scan.table}: scan`,
    `  columns: ${scan.columns.length === 0 ? '(row count only)' : scan.columns.join(', ')}`,
  ];
  for (const { expression, degree } of scan.filters) lines.push(`  filter (${degree}): ${expression}`);
  if (scan.order) lines.push(`  order (${scan.order.degree}): ${scan.order.keys.join(', ')}`);
  if (scan.limit) lines.push(`  limit (${scan.limit.degree}): ${scan.limit.rowCount}`);
  if (scan.source) {
    lines.push(
      `  source: ${scan.source.source}, ${scan.partitionCount} partition${scan.partitionCount === 1 ? '' : 's'}`,
    );
    if (scan.source.statement !== undefined) lines.push(`  statement: ${scan.source.statement}`);
  }
  for (const note of [...(scan.source?.notes ?? []), ...scan.notes]) lines.push(`  note: ${note}`);
  return lines.join('\n');
}

/** EXPLAIN as a result: its text, line by line. */
export function explanationAsQuery(explanation: QueryExplanation): string {
  const lines = formatExplanation(explanation).split('\n');
  return `SELECT unnest([${lines.map((line) => `'${line.replaceAll("'", "''")}'`).join(', ')}]) AS explain`;
}
