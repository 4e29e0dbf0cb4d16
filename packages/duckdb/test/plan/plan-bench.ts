import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { createPlanner, type PlannedQuery, type PlannedScan, type Planner } from '../../src/plan/index.ts';
import { toDuckDbType } from '../../src/type-mapping/to-duckdb-type.ts';
import { expressionSql } from './expression-sql.ts';
import { TEST_TABLES, TEST_VIEWS, type TestTable, type TestView } from './tables.ts';

/** The outcome of a query over whole tables and over tables that hold only what its plan asks for. */
export interface Comparison {
  readonly planned: PlannedQuery;
  readonly whole: readonly string[];
  readonly filtered: readonly string[];
  /** Rows of the referenced tables, and how many of them the scans kept. */
  readonly rowCount: number;
  readonly keptCount: number;
}

/** Tables with rows, a planner that knows their schemas, and the comparison between the two ways to answer a query. */
export class PlanBench implements AsyncDisposable {
  readonly planner: Planner;
  readonly connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;
  readonly #tables: readonly TestTable[];

  private constructor(parts: {
    planner: Planner;
    connection: DuckDBConnection;
    instance: DuckDBInstance;
    tables: readonly TestTable[];
  }) {
    this.planner = parts.planner;
    this.connection = parts.connection;
    this.#instance = parts.instance;
    this.#tables = parts.tables;
  }

  static async open(
    tables: readonly TestTable[] = TEST_TABLES,
    views: readonly TestView[] = TEST_VIEWS,
  ): Promise<PlanBench> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    const planner = await createPlanner({ settings: { TimeZone: 'UTC' } });
    await connection.run("SET TimeZone = 'UTC'");
    for (const catalog of ['filtered', 'whole']) {
      await connection.run(`ATTACH ':memory:' AS ${catalog}; USE ${catalog}`);
      for (const table of tables) await connection.run(createTable(table));
      for (const { table, sql } of views) await connection.run(`CREATE VIEW "${table}" AS ${sql}`);
    }
    for (const table of tables) {
      await planner.defineTable(table, table.schema);
      const values = table.values.map((value) => value.replace(/\bh\((\d+)\)/g, '(hash(r, $1) % 1000)::INTEGER'));
      await connection.run(
        `INSERT INTO ${name(table)} SELECT ${values.join(', ')} FROM range(${table.rowCount}) rows(r)`,
      );
    }
    for (const { table, sql } of views) await planner.defineView({ table }, sql);
    return new PlanBench({ planner, connection, instance, tables });
  }

  /** Answers the query both ways. Columns that no scan asks for are NULL in the filtered tables. */
  async compare(sql: string): Promise<Comparison> {
    const planned = await this.planner.plan(sql);
    await this.connection.run('USE whole');
    const whole = await this.#rows(sql);
    await this.connection.run('USE filtered');
    let rowCount = 0;
    let keptCount = 0;
    for (const table of this.#tables) {
      const scan = planned.kind === 'planned' ? findScan(planned.scans, table) : wholeScan(table);
      // What no scan names keeps the rows of an earlier query: they must not matter.
      if (scan === undefined) continue;
      await this.connection.run(createTable(table));
      if (scan.empty) continue;
      rowCount += table.rowCount;
      keptCount += (await this.connection.run(fillSql(table, scan))).rowsChanged;
    }
    const filtered = await this.#rows(sql);
    return { planned, whole, filtered, rowCount, keptCount };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.planner.close();
    this.connection.closeSync();
    this.#instance.closeSync();
  }

  async #rows(sql: string): Promise<readonly string[]> {
    const reader = await this.connection.runAndReadAll(sql);
    const text = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
    return reader
      .getRows()
      .map((row) => JSON.stringify(row, text))
      .sort();
  }
}

function findScan(scans: readonly PlannedScan[], table: TestTable): PlannedScan | undefined {
  return scans.find(
    (scan) => scan.table.table === table.table && (scan.table.schemaName ?? 'main') === (table.schemaName ?? 'main'),
  );
}

function wholeScan({ table, schema }: TestTable): PlannedScan {
  const columns = schema.fields.map((column) => column.name);
  return { table: { table }, referenceCount: 1, columns, filters: [], empty: false, notes: [] };
}

function fillSql(table: TestTable, scan: PlannedScan): string {
  const columns = table.schema.fields.map((column) =>
    scan.columns.includes(column.name) ? `"${column.name}"` : 'NULL',
  );
  const where = scan.filters.length === 0 ? '' : ` WHERE ${scan.filters.map(expressionSql).join(' AND ')}`;
  const keys = (scan.order ?? []).map(
    (key) => `${expressionSql(key.expr)} ${key.descending ? 'DESC' : 'ASC'} NULLS ${key.nullsFirst ? 'FIRST' : 'LAST'}`,
  );
  const order = keys.length === 0 ? '' : ` ORDER BY ${keys.join(', ')}`;
  const limit = scan.limit === undefined ? '' : ` LIMIT ${scan.limit}`;
  return `INSERT INTO ${name(table)} SELECT ${columns.join(', ')} FROM whole.${name(table)}${where}${order}${limit}`;
}

function name({ schemaName, table }: TestTable): string {
  return `"${schemaName ?? 'main'}"."${table}"`;
}

function createTable(table: TestTable): string {
  const columns = table.schema.fields.map((column) => `"${column.name}" ${toDuckDbType(column)}`);
  return `CREATE SCHEMA IF NOT EXISTS "${table.schemaName ?? 'main'}"; CREATE OR REPLACE TABLE ${name(table)} (${columns.join(', ')})`;
}
