import type { RowValue } from '@millrace/arrow';
import {
  type ConnectorSubject,
  createSqlSource,
  type NativeCase,
  type SqlColumnType,
  type TableLocation,
} from '@millrace/conformance';
import {
  type DataType,
  dataTypes,
  type Field,
  FloatPrecision,
  type IntervalValue,
  TimeUnit,
  TypeId,
} from '@millrace/core';
import { freePort, type PostgresDatabase, sharedPostgres } from '@millrace/services';
import { postgresConnector } from '../src/index.ts';

let opened = 0;

const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A database of its own, and a role that may read it, for the suite that every connector passes. */
export async function openSubject(): Promise<ConnectorSubject> {
  opened += 1;
  const server = await sharedPostgres();
  const database = await server.createDatabase();
  const role = `checked_${process.pid}_${opened}`;
  const password = `canary-${role}`;
  const own = new Set<string>();
  const sql = (text: string) => {
    own.add(text);
    return database.sql(text);
  };
  await sql(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  await sql(`ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO ${role}`);
  const locate = (name: string): TableLocation => ({
    name,
    path: `public.${quoteIdentifier(name)}`,
    reference: { namespace: ['public'], name },
  });
  const source = createSqlSource({ execute: sql, quoteIdentifier, columnType, literal, locate });
  await createFaults(sql, role);

  const count = async (condition: string): Promise<number> => {
    const activity = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = '${role}' AND ${condition}`;
    return Number((await sql(activity))[0]?.count);
  };
  return {
    plugin: postgresConnector,
    parameters: {
      pg_host: server.host,
      pg_port: String(server.port),
      pg_db: database.database,
      pg_user: role,
      pg_pass: password,
      pg_sslmode: 'disable',
    },
    source: {
      ...source,
      // Of itself the server counts the rows of a table by and by, or, of a small one, never.
      async createTable(table) {
        const location = await source.createTable(table);
        if ('path' in location) await sql(`ANALYZE ${location.path}`);
        return location;
      },
      // A text holds no NUL.
      holds: (_, value) => typeof value !== 'string' || !value.includes('\0'),
      reportsPrimaryKeys: true,
      maxIdentifierBytes: 63,
      maxColumns: 1_600,
      relationKinds: ['view', 'materialized_view', 'partitioned_table'],
      createRelation: (request) => createRelation(sql, locate(request.name), request),
      unsupportedType: { declaration: 'numeric(50, 2)', literal: '1.50' },
      nativeCases: NATIVE_CASES,
      statements: async () => (await receivedBy(database)).filter((text) => !own.has(text)),
      activeStatements: () => count("state <> 'idle'"),
      connectionCount: () => count('true'),
      async breakConnections() {
        await sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);
      },
    },
    faults: {
      wrongPassword: { pg_pass: 'wrong-canary' },
      unreachable: { pg_port: String(await freePort()) },
      forbiddenTable: locate('forbidden'),
      timeout: { parameters: { pg_statement_timeout: '400ms' }, slow: locate('slow') },
      failsMidway: { table: locate('fails_midway'), code: 'invalid_data' },
    },
    async close() {
      await database.drop();
      await server.createDatabase().then(async (other) => {
        await other.sql(`DROP ROLE ${role}`);
        await other.drop();
      });
    },
  };
}

async function receivedBy(database: PostgresDatabase): Promise<readonly string[]> {
  return ((await database.receivedStatements()) ?? []).map((statement) => statement.sql);
}

async function createFaults(sql: (text: string) => Promise<unknown>, role: string): Promise<void> {
  await sql('CREATE TABLE forbidden (id integer)');
  await sql(`REVOKE ALL ON forbidden FROM ${role}`);
  await sql('CREATE VIEW slow AS SELECT g AS id, pg_sleep(0.05)::text AS nap FROM generate_series(1, 200) g');
  await sql('CREATE VIEW fails_midway AS SELECT g AS id, 1 / (50001 - g) AS one FROM generate_series(1, 60000) g');
}

async function createRelation(
  sql: (text: string) => Promise<unknown>,
  location: TableLocation,
  request: { readonly kind: string; readonly of: TableLocation },
): Promise<TableLocation> {
  const [name, of] = [quoteIdentifier(location.name), quoteIdentifier(request.of.name)];
  if (request.kind === 'view') await sql(`CREATE VIEW ${name} AS SELECT * FROM ${of}`);
  else if (request.kind === 'materialized_view') await sql(`CREATE MATERIALIZED VIEW ${name} AS SELECT * FROM ${of}`);
  else {
    await sql(`CREATE TABLE ${name} (LIKE ${of}) PARTITION BY RANGE (id)`);
    await sql(
      `CREATE TABLE ${quoteIdentifier(`${location.name}_low`)} PARTITION OF ${name} FOR VALUES FROM (MINVALUE) TO (10)`,
    );
    await sql(
      `CREATE TABLE ${quoteIdentifier(`${location.name}_high`)} PARTITION OF ${name} FOR VALUES FROM (10) TO (MAXVALUE)`,
    );
    await sql(`INSERT INTO ${name} SELECT * FROM ${of}`);
  }
  return location;
}

/** The server's types, and what the connector makes of them: PostgreSQL has no one-byte and no unsigned integers. */
function columnType({ type }: Field): SqlColumnType | undefined {
  switch (type.typeId) {
    case TypeId.Bool:
      return { declaration: 'boolean' };
    case TypeId.Int:
      return integerType(type);
    case TypeId.Float:
      if (type.precision === FloatPrecision.Half) return undefined;
      return { declaration: type.precision === FloatPrecision.Single ? 'real' : 'double precision' };
    case TypeId.Decimal:
      return { declaration: `numeric(${type.precision}, ${type.scale})` };
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return { declaration: 'text', presented: dataTypes.utf8() };
    case TypeId.Binary:
      return { declaration: 'bytea' };
    case TypeId.Date:
      return { declaration: 'date' };
    case TypeId.Time:
      return type.unit === TimeUnit.Microsecond ? { declaration: 'time' } : undefined;
    case TypeId.Timestamp: {
      if (type.unit === TimeUnit.Nanosecond) return undefined;
      const declaration = type.timezone ? 'timestamptz' : 'timestamp';
      return { declaration, presented: dataTypes.timestamp(TimeUnit.Microsecond, type.timezone ? 'UTC' : null) };
    }
    case TypeId.Interval:
      return { declaration: 'interval' };
    case TypeId.List:
      return type.children?.[0]?.type.typeId === TypeId.Int ? { declaration: 'integer[]' } : undefined;
    default:
      return undefined;
  }
}

function integerType({ bitWidth = 32, isSigned = true }: DataType): SqlColumnType {
  const bits = isSigned ? bitWidth : bitWidth * 2;
  if (bits > 64) return { declaration: 'numeric(20, 0)', presented: dataTypes.decimal(20, 0) };
  if (bits === 64) return { declaration: 'bigint', presented: dataTypes.int64() };
  if (bits === 32) return { declaration: 'integer', presented: dataTypes.int32() };
  return { declaration: 'smallint', presented: dataTypes.int16() };
}

function literal(value: RowValue, { type }: Field): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'number' && type.typeId === TypeId.Float)
    return `'${Object.is(value, -0) ? '-0' : value}'::float8`;
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'::bytea`;
  if (Array.isArray(value)) return `ARRAY[${value.map((item) => item ?? 'NULL').join(', ')}]::integer[]`;
  if (type.typeId !== TypeId.Interval) return undefined;
  const { months, days, nanoseconds } = value as IntervalValue;
  return `make_interval(months => ${months}, days => ${days}, secs => ${Number(nanoseconds)} / 1000000000.0)`;
}

const nullable = (type: DataType) => ({ type, nullable: true });

const NATIVE_CASES: readonly NativeCase[] = [
  {
    check: 53,
    declaration: 'char(5)',
    literals: ["'ab'", "'abcde'", "''", 'NULL'],
    expected: { field: nullable(dataTypes.utf8()), values: ['ab', 'abcde', '', null] },
  },
  {
    check: 60,
    declaration: 'uuid',
    literals: ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"],
    expected: { field: nullable(dataTypes.utf8()), values: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'] },
  },
  {
    check: 60,
    declaration: 'json',
    literals: [`'{"big": 12345678901234567890}'`],
    expected: { field: nullable(dataTypes.utf8()), values: ['{"big": 12345678901234567890}'] },
  },
  {
    check: 60,
    declaration: 'jsonb',
    literals: [`'{"big":12345678901234567890}'`],
    expected: { field: nullable(dataTypes.utf8()), values: ['{"big": 12345678901234567890}'] },
  },
  {
    check: 60,
    declaration: 'inet',
    literals: ["'10.0.0.1'", "'10.0.0.0/8'"],
    expected: { field: nullable(dataTypes.utf8()), values: ['10.0.0.1', '10.0.0.0/8'] },
  },
  {
    check: 60,
    declaration: 'text[]',
    literals: [`ARRAY['a', NULL, 'b"c']`, `'{}'`],
    expected: { field: nullable(dataTypes.list(dataTypes.utf8())), values: [['a', null, 'b"c'], []] },
  },
  {
    check: 60,
    declaration: 'numeric',
    literals: ['20', '17.685', '15.333333333'],
    expected: { field: nullable(dataTypes.decimal(38, 9)), values: ['20', '17.685', '15.333333333'] },
  },
];
