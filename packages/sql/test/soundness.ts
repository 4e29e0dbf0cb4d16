import type { Expr } from '@millrace/core';
import { type DuckDbConnection, toDuckDbType, toExpressionSql } from '@millrace/duckdb';
import type { SqlTable } from '../src/index.ts';
import type { TranslatedFilter } from '../src/translate-filter.ts';
import { SAMPLE_COLUMNS } from './sample-table.ts';
import { fillSamples, type SampleTarget } from './sample-targets.ts';

/** The engine's answer to an expression over the sample table. */
export type Oracle = (expr: Expr) => Promise<readonly number[]>;

/** DuckDB without any collation and without its optimizer. */
export async function createOracle(connection: DuckDbConnection): Promise<Oracle> {
  await connection.run('PRAGMA disable_optimizer');
  const declared = SAMPLE_COLUMNS.map(
    ({ name, type }) => `"${name.replaceAll('"', '""')}" ${toDuckDbType({ name, type, nullable: true })}`,
  );
  await connection.run(`CREATE TABLE oracle (id INTEGER, ${declared.join(', ')})`);
  await fillSamples(connection, 'oracle');
  return async (expr) => {
    const sql = toExpressionSql(expr, () => undefined);
    if (sql === undefined) throw new TypeError('the engine cannot say the expression');
    const rows = await connection.rows(`SELECT id FROM oracle WHERE ${sql} ORDER BY id`);
    return rows.map(([id]) => id as number);
  };
}

/** Translates a filter; mutants of the kit are put in its place. */
export type Translate = (expr: Expr, table: SqlTable) => TranslatedFilter | undefined;

/** How far a filter was pushed, and what is wrong with that. */
export interface Verdict {
  readonly degree: 'none' | 'inexact' | 'exact';
  readonly isSelective: boolean;
  readonly complaint?: string;
}

/** Compares the rows that a translated filter keeps with those that the engine keeps. */
export async function judge(expr: Expr, translate: Translate, target: SampleTarget, oracle: Oracle): Promise<Verdict> {
  const wanted = await oracle(expr);
  const isSelective = wanted.length > 0;
  const translated = translate(expr, target.table);
  if (translated === undefined) return { degree: 'none', isSelective };
  const { degree, sql } = translated;
  let kept: ReadonlySet<number>;
  try {
    kept = new Set(await target.keep(translated));
  } catch (error) {
    return { degree, isSelective, complaint: `${String(error)} from ${sql}` };
  }
  const lost = wanted.filter((id) => !kept.has(id));
  if (lost.length > 0) return { degree, isSelective, complaint: `rows ${lost.join()} are lost by ${sql}` };
  if (degree === 'exact' && kept.size > wanted.length) {
    return {
      degree,
      isSelective,
      complaint: `${kept.size} rows instead of ${wanted.length} are kept by the exact ${sql}`,
    };
  }
  return { degree, isSelective };
}
