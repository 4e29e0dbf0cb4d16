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
  readonly #views: readonly TestView[];
  #lastScratch = 0;

  private constructor(parts: {
    planner: Planner;
    connection: DuckDBConnection;
    instance: DuckDBInstance;
    tables: readonly TestTable[];
    views: readonly TestView[];
  }) {
    this.planner = parts.planner;
    this.connection = parts.connection;
    this.#instance = parts.instance;
    this.#tables = parts.tables;
    this.#views = parts.views;
  }

  static async open(
    tables: readonly TestTable[] = TEST_TABLES,
    views: readonly TestView[] = TEST_VIEWS,
  ): Promise<PlanBench> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    const planner = await createPlanner({ settings: { TimeZone: 'UTC' } });
    await connection.run("SET TimeZone = 'UTC'; ATTACH ':memory:' AS whole; USE whole");
    for (const table of tables) {
      await planner.defineTable(table, table.schema);
      await connection.run(createTable(table));
      const values = table.values.map((value) => value.replace(/\bh\((\d+)\)/g, '(hash(r, $1) % 1000)::INTEGER'));
      await connection.run(
        `INSERT INTO ${name(table)} SELECT ${values.join(', ')} FROM range(${table.rowCount}) rows(r)`,
      );
    }
    for (const { table, sql } of views) {
      await planner.defineView({ table }, sql);
      await connection.run(`CREATE VIEW "${table}" AS ${sql}`);
    }
    return new PlanBench({ planner, connection, instance, tables, views });
  }

  /** Answers the query both ways. Columns that no scan asks for are NULL in the filtered tables. */
  async compare(sql: string): Promise<Comparison> {
    const planned = await this.planner.plan(sql);
    const whole = await this.#rows(sql, 'whole');
    this.#lastScratch += 1;
    const scratch = `scratch${this.#lastScratch}`;
    await this.connection.run(`ATTACH ':memory:' AS ${scratch}; USE ${scratch}`);
    try {
      let rowCount = 0;
      let keptCount = 0;
      for (const table of this.#tables) {
        const scan = planned.kind === 'planned' ? findScan(planned.scans, table) : wholeScan(table);
        if (scan === undefined || scan.empty) {
          await this.connection.run(createTable(table));
          continue;
        }
        rowCount += table.rowCount;
        const kept = await this.connection.run(`${createTable(table)}; ${fillSql(table, scan)}`);
        keptCount += kept.rowsChanged;
      }
      for (const view of this.#views) await this.connection.run(`CREATE VIEW "${view.table}" AS ${view.sql}`);
      const filtered = await this.#rows(sql, scratch);
      return { planned, whole, filtered, rowCount, keptCount };
    } finally {
      await this.connection.run(`USE whole; DETACH ${scratch}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.planner.close();
    this.connection.closeSync();
    this.#instance.closeSync();
  }

  async #rows(sql: string, catalog: string): Promise<readonly string[]> {
    await this.connection.run(`USE ${catalog}`);
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
  return `CREATE SCHEMA IF NOT EXISTS "${table.schemaName ?? 'main'}"; CREATE TABLE ${name(table)} (${columns.join(', ')})`;
}
