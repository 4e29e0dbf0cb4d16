import { batchFromRows, createLiteralReader } from '@millrace/arrow';
import type { ConnectorSubject, NativeCase, NativeTable, SourceTable, TableLocation } from '@millrace/conformance';
import { type DataType, dataTypes, type Field, FloatPrecision, TimeUnit, TypeId } from '@millrace/core';
import type { PostgresDatabase } from '@millrace/services';
import { sharedPostgres } from '@millrace/services';
import { encodeParameter, parameterForm } from '../src/encode-parameter.ts';
import { quoteIdentifier } from '../src/identifier.ts';
import { postgresConnector } from '../src/index.ts';

/** How a column is made from a field of the suite. */
interface Presented {
  readonly sqlType: string;
  readonly type: DataType;
}

const ROWS_AT_ONCE = 5_000;
const FIRST_DAY = -2_440_550;

/** A database of its own on the shared server, and a role that may read its tables and no more. */
export async function openConformanceSource(): Promise<ConnectorSubject> {
  const server = await sharedPostgres();
  const database = await server.createDatabase();
  const role = `reader_${database.database}`;
  await database.sql(`
    CREATE ROLE ${role} LOGIN PASSWORD 'canary-password';
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${role};
    CREATE TABLE forbidden (id int);
    REVOKE ALL ON forbidden FROM ${role};
    CREATE VIEW slow AS SELECT 1 AS id FROM pg_sleep(10);
    CREATE VIEW failing AS SELECT i AS id, 10 / (20000 - i) AS part FROM generate_series(1, 30000) AS t(i)`);
  const parameters = {
    pg_host: server.host,
    pg_port: String(server.port),
    pg_db: database.database,
    pg_user: role,
    pg_pass: 'canary-password',
    pg_sslmode: 'disable',
  };
  return {
    plugin: postgresConnector,
    parameters,
    source: {
      present: presentField,
      holds: ({ type }, value) => {
        if (type.typeId === TypeId.Date && typeof value === 'number') return value >= FIRST_DAY;
        return !(typeof value === 'string' && value.includes('\0'));
      },
      createTable: (table) => createTable(database, table),
      missingTable: locate,
      async appendRows({ name }, rows) {
        const tables = await database.sql(
          'SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum',
          [quoteIdentifier(name)],
        );
        const schema = SCHEMAS.get(name);
        if (schema === undefined || tables.length !== schema.fields.length)
          throw new Error(`${name} is not as it was created`);
        await insertRows(database, { name, schema, rows });
      },
      async addColumn({ name }, field) {
        const presented = present(field.type);
        if (presented === undefined) throw new Error('the suite adds a column that was not presented');
        await database.sql(
          `ALTER TABLE ${quoteIdentifier(name)} ADD COLUMN ${quoteIdentifier(field.name)} ${presented.sqlType}`,
        );
      },
      async dropColumn({ name }, column) {
        await database.sql(`ALTER TABLE ${quoteIdentifier(name)} DROP COLUMN ${quoteIdentifier(column)}`);
      },
      reportsPrimaryKeys: true,
      relationKinds: ['view', 'materialized_view', 'partitioned_table'],
      createRelation: ({ kind, name, of }) => createRelation(database, kind, name, of),
      reservedWords: ['analyse', 'array', 'lateral', 'window'],
      maxIdentifierBytes: 63,
      createNativeTable: (table) => createNativeTable(database, table),
      nativeCases: NATIVE_CASES,
      unsupportedType: { declaration: 'numeric(50,2)', literal: '12345678901234567890123456789012345678901234567.25' },
      async statements() {
        const received = (await database.receivedStatements()) ?? [];
        return received.filter(({ application }) => application === 'millrace').map(({ sql }) => sql);
      },
      activeStatements: () => countActivity(database, "AND state = 'active'"),
      connectionCount: () => countActivity(database, ''),
      async breakConnections() {
        await database.sql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'millrace'",
        );
      },
    },
    faults: {
      wrongPassword: { pg_pass: 'not the password' },
      unreachable: { pg_port: '1' },
      forbiddenTable: locate('forbidden'),
      timeout: { parameters: { pg_statement_timeout: '300ms' }, slow: locate('slow') },
      failsMidway: { table: locate('failing'), code: 'invalid_data' },
    },
    async close() {
      await database.sql(`DROP OWNED BY ${role}`);
      await database.drop();
      await server.createDatabase().then(async (other) => {
        await other.sql(`DROP ROLE ${role}`);
        await other.drop();
      });
    },
  };
}

/** What was created, by name: rows that are added later are of the same columns. */
const SCHEMAS: Map<string, SourceTable['schema']> = new Map();

function locate(name: string): TableLocation {
  return {
    name,
    path: `public.${/^[^".]+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`}`.replace(
      /^public\.(?!")(.*)$/s,
      (_, plain: string) => `public."${plain}"`,
    ),
    reference: { namespace: ['public'], name },
  };
}

async function createTable(
  database: PostgresDatabase,
  table: SourceTable,
): Promise<TableLocation | { refused: string }> {
  const { name, schema, primaryKey } = table;
  const tooLong = [name, ...schema.fields.map((field) => field.name)].find((each) => Buffer.byteLength(each) > 63);
  if (tooLong !== undefined) return { refused: 'PostgreSQL cuts names at 63 bytes' };
  const columns = schema.fields.map(
    (field) => `${quoteIdentifier(field.name)} ${present(field.type)!.sqlType}${field.nullable ? '' : ' NOT NULL'}`,
  );
  const key = primaryKey === undefined ? [] : [`PRIMARY KEY (${primaryKey.map(quoteIdentifier).join(', ')})`];
  await database.sql(
    `DROP TABLE IF EXISTS ${quoteIdentifier(name)} CASCADE; CREATE TABLE ${quoteIdentifier(name)} (${[...columns, ...key].join(', ')})`,
  );
  SCHEMAS.set(name, schema);
  await insertRows(database, table);
  return locate(name);
}

async function insertRows(
  database: PostgresDatabase,
  { name, schema, rows }: Pick<SourceTable, 'name' | 'schema' | 'rows'>,
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const batch = batchFromRows(schema, rows.slice(start, start + ROWS_AT_ONCE));
    const values = batch.data.children.map((column, index) => {
      const read = createLiteralReader(column);
      const items = Array.from({ length: batch.numRows }, (_, row) =>
        toParameter(read(row), schema.fields[index]!.type),
      );
      return encodeParameter(
        { value: items, type: transport(schema.fields[index]!.type) },
        parameterForm(transport(schema.fields[index]!.type))!,
      );
    });
    const types = schema.fields.map(({ type }) => parameterForm(transport(type))!.sqlType);
    const names = types.map((_, index) => `c${index}`);
    const list = names.map((each, index) => `${each}::${present(schema.fields[index]!.type)!.sqlType}`);
    await database.sql(
      `INSERT INTO ${quoteIdentifier(name)} SELECT ${list.join(', ')} FROM unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')}) AS u(${names.join(', ')})`,
      values,
    );
  }
}

/** The type that values travel as: nested ones, intervals and instants of other units as text. */
function transport(type: DataType): DataType {
  switch (type.typeId) {
    case TypeId.List:
    case TypeId.Interval:
    case TypeId.Dictionary:
      return dataTypes.utf8();
    case TypeId.Timestamp:
      return dataTypes.timestamp(TimeUnit.Microsecond, type.timezone ?? null);
    case TypeId.Time:
      return dataTypes.time(TimeUnit.Microsecond);
    default:
      return type;
  }
}

type Literal = ReturnType<ReturnType<typeof createLiteralReader>>;

function toParameter(value: Literal, type: DataType) {
  if (value === null) return null;
  switch (type.typeId) {
    case TypeId.List:
      return arrayText(value as readonly Literal[], type.children![0]!.type);
    case TypeId.Interval: {
      const { months, days, nanoseconds } = value as { months: number; days: number; nanoseconds: bigint };
      return `${months} months ${days} days ${nanoseconds / 1000n} microseconds`;
    }
    case TypeId.Timestamp:
    case TypeId.Time:
      return BigInt(value as bigint) * 1000n ** BigInt(TimeUnit.Microsecond - (type.unit ?? 0));
    default:
      return value as string;
  }
}

function arrayText(items: readonly Literal[], type: DataType): string {
  const texts = items.map((item) => {
    if (item === null) return 'NULL';
    if (type.typeId === TypeId.List) return arrayText(item as readonly Literal[], type.children![0]!.type);
    return `"${String(item).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  });
  return `{${texts.join(',')}}`;
}

function presentField(field: Field): Field | undefined {
  const presented = present(field.type);
  return presented === undefined ? undefined : { name: field.name, nullable: field.nullable, type: presented.type };
}

/** The column that a type of the suite becomes, and the type that the connector documents for that. */
function present(type: DataType): Presented | undefined {
  switch (type.typeId) {
    case TypeId.Bool:
      return { sqlType: 'boolean', type };
    case TypeId.Int:
      if (type.isSigned === false) return undefined;
      if (type.bitWidth === 64) return { sqlType: 'bigint', type };
      return type.bitWidth === 32 ? { sqlType: 'integer', type } : { sqlType: 'smallint', type: dataTypes.int16() };
    case TypeId.Float:
      if (type.precision === FloatPrecision.Half) return undefined;
      return { sqlType: type.precision === FloatPrecision.Single ? 'real' : 'double precision', type };
    case TypeId.Decimal:
      return (type.precision ?? 0) > 38 ? undefined : { sqlType: `numeric(${type.precision},${type.scale})`, type };
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
    case TypeId.Dictionary:
      return { sqlType: 'text', type: dataTypes.utf8() };
    case TypeId.Binary:
    case TypeId.LargeBinary:
      return { sqlType: 'bytea', type: dataTypes.binary() };
    case TypeId.Date:
      return type.unit === 0 ? { sqlType: 'date', type } : undefined;
    case TypeId.Time:
      return type.unit === TimeUnit.Nanosecond
        ? undefined
        : { sqlType: 'time', type: dataTypes.time(TimeUnit.Microsecond) };
    case TypeId.Timestamp:
      if (type.unit === TimeUnit.Nanosecond) return undefined;
      return typeof type.timezone === 'string'
        ? { sqlType: 'timestamptz', type: dataTypes.timestamp(TimeUnit.Microsecond, 'UTC') }
        : { sqlType: 'timestamp', type: dataTypes.timestamp(TimeUnit.Microsecond) };
    case TypeId.Interval:
      return { sqlType: 'interval', type: dataTypes.interval() };
    case TypeId.List: {
      // Arrays of several dimensions are rectangular, which lists of lists are not.
      const item = type.children![0]!.type;
      if (![TypeId.Int, TypeId.Utf8, TypeId.Bool].includes(item.typeId as 2)) return undefined;
      const presented = present(item);
      return presented && { sqlType: `${presented.sqlType}[]`, type: dataTypes.list(presented.type) };
    }
    default:
      return undefined;
  }
}

async function createRelation(
  database: PostgresDatabase,
  kind: string,
  name: string,
  of: TableLocation,
): Promise<TableLocation> {
  const target = quoteIdentifier(name);
  const source = quoteIdentifier(of.name);
  switch (kind) {
    case 'view':
      await database.sql(`CREATE VIEW ${target} AS SELECT * FROM ${source}`);
      break;
    case 'materialized_view':
      await database.sql(`CREATE MATERIALIZED VIEW ${target} AS SELECT * FROM ${source}`);
      break;
    default: {
      const [column] = SCHEMAS.get(of.name)!.fields;
      await database.sql(`
        CREATE TABLE ${target} (LIKE ${source}) PARTITION BY HASH (${quoteIdentifier(column!.name)});
        CREATE TABLE ${quoteIdentifier(`${name}_0`)} PARTITION OF ${target} FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE ${quoteIdentifier(`${name}_1`)} PARTITION OF ${target} FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        INSERT INTO ${target} SELECT * FROM ${source}`);
    }
  }
  return locate(name);
}

async function createNativeTable(
  database: PostgresDatabase,
  { name, columns, rows }: NativeTable,
): Promise<TableLocation> {
  const declared = columns.map((column) => `${quoteIdentifier(column.name)} ${column.declaration}`).join(', ');
  await database.sql(
    `DROP TABLE IF EXISTS ${quoteIdentifier(name)} CASCADE; CREATE TABLE ${quoteIdentifier(name)} (${declared})`,
  );
  for (const row of rows) await database.sql(`INSERT INTO ${quoteIdentifier(name)} VALUES (${row.join(', ')})`);
  return locate(name);
}

async function countActivity(database: PostgresDatabase, condition: string): Promise<number> {
  const [row] = await database.sql(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'millrace' ${condition}`,
  );
  return Number(row?.n);
}

const text = { type: dataTypes.utf8(), nullable: true } as const;

const NATIVE_CASES: readonly NativeCase[] = [
  {
    check: 53,
    declaration: 'char(5)',
    literals: ["'ab'", "' a'", "''"],
    expected: { field: text, values: ['ab', ' a', ''] },
  },
  {
    check: 56,
    declaration: 'date',
    literals: ["'4713-01-01 BC'"],
    expected: { field: { type: dataTypes.date(), nullable: true }, values: [FIRST_DAY] },
  },
  {
    check: 57,
    declaration: 'timetz',
    literals: ["'12:00+05:45'"],
    expected: { field: text, values: ['12:00:00+05:45'] },
  },
  {
    check: 60,
    declaration: 'uuid',
    literals: ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"],
    expected: { field: text, values: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'] },
  },
  {
    check: 60,
    declaration: 'jsonb',
    literals: [`'{"n":12345678901234567890}'`],
    expected: { field: text, values: ['{"n": 12345678901234567890}'] },
  },
  { check: 60, declaration: 'inet', literals: ["'10.0.0.1'"], expected: { field: text, values: ['10.0.0.1'] } },
  { check: 60, declaration: 'numeric', literals: ["'NaN'"], expected: { code: 'invalid_data' } },
];
