import type { RowValue } from '@millrace/arrow';
import {
  type ConnectorSubject,
  createSqlSource,
  type NativeCase,
  type SqlColumnType,
  type TableLocation,
} from '@millrace/conformance';
import { type DataType, dataTypes, type Field, FloatPrecision, TimeUnit, TypeId } from '@millrace/core';
import { freePort, type MariaDbDatabase, sharedMariaDb } from '@millrace/services';
import { mysqlConnector } from '../src/index.ts';

let opened = 0;

const quoteIdentifier = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const quoteText = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\0', '\\0')}'`;

/** A database of its own, and an account that may read it, for the suite that every connector passes. */
export async function openSubject(): Promise<ConnectorSubject> {
  opened += 1;
  const server = await sharedMariaDb();
  const database = await server.createDatabase();
  const account = `checked_${process.pid}_${opened}`;
  const password = `canary-${account}`;
  const own = new Set<string>();
  const sql = (text: string) => {
    own.add(text);
    return database.sql(text);
  };
  await sql(`CREATE USER '${account}'@'%' IDENTIFIED BY '${password}'`);
  await sql(`GRANT SELECT, SHOW VIEW ON ${quoteIdentifier(database.database)}.* TO '${account}'@'%'`);
  const locate = (name: string): TableLocation => ({
    name,
    path: quoteIdentifier(name),
    reference: { namespace: [database.database], name },
  });
  const source = createSqlSource({ execute: sql, quoteIdentifier, quoteText, columnType, literal, locate });
  await createFaults(sql);

  const threads = (condition: string) =>
    sql(`SELECT id FROM information_schema.processlist WHERE user = '${account}' AND ${condition}`);
  return {
    plugin: mysqlConnector,
    parameters: {
      mysql_host: server.host,
      mysql_tcp_port: String(server.port),
      mysql_db: database.database,
      mysql_user: account,
      mysql_pass: password,
      mysql_sslmode: 'disabled',
      mysql_scan_partitions: '3',
    },
    source: {
      ...source,
      holds,
      reportsPrimaryKeys: true,
      maxIdentifierBytes: 64,
      maxColumns: 1_000,
      unsupportedType: { declaration: 'POINT', literal: 'POINT(1, 2)' },
      nativeCases: NATIVE_CASES,
      // The bounds of a key, which cut its ranges, are no rows.
      readsRows: (statement, { name }) =>
        statement.includes(quoteIdentifier(name)) &&
        /^select/i.test(statement) &&
        !/^select cast\(min\(/i.test(statement),
      statements: async () => (await receivedBy(database)).filter((text) => !own.has(text)),
      activeStatements: async () => (await threads("command <> 'Sleep'")).length,
      connectionCount: async () => (await threads('true')).length,
      async breakConnections() {
        for (const { id } of await threads('true'))
          await sql(`KILL CONNECTION ${String(id)}`).catch(() => 'it has ended by itself');
      },
    },
    faults: {
      wrongPassword: { mysql_pass: 'wrong-canary' },
      unreachable: { mysql_tcp_port: String(await freePort()) },
      timeout: { parameters: { mysql_statement_timeout: '400ms' }, slow: locate('slow') },
      failsMidway: { table: locate('fails_midway'), code: 'invalid_data' },
    },
    async close() {
      await sql(`DROP USER '${account}'@'%'`);
      await database.drop();
    },
  };
}

async function receivedBy(database: MariaDbDatabase): Promise<readonly string[]> {
  const commands = (await database.receivedStatements()) ?? [];
  return commands.filter(({ command }) => command !== 'prepare').map((command) => command.sql);
}

async function createFaults(sql: (text: string) => Promise<unknown>): Promise<void> {
  await sql('CREATE VIEW fails_midway AS SELECT seq AS id, IF(seq = 50001, EXP(seq), 1) AS one FROM seq_1_to_60000');
  await sql('CREATE VIEW slow AS SELECT seq AS id, SLEEP(0.05) AS nap FROM seq_1_to_200');
}

/** The server's types, and what the connector makes of them. Dates may be none at all, so that they may be null whatever is declared. */
function columnType({ type }: Field): SqlColumnType | undefined {
  switch (type.typeId) {
    case TypeId.Int:
      return { declaration: integerType(type) };
    case TypeId.Float:
      if (type.precision === FloatPrecision.Half) return undefined;
      return { declaration: type.precision === FloatPrecision.Single ? 'FLOAT' : 'DOUBLE' };
    case TypeId.Decimal:
      return (type.scale ?? 0) > 30 ? undefined : { declaration: `DECIMAL(${type.precision}, ${type.scale})` };
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return { declaration: 'LONGTEXT', presented: dataTypes.utf8() };
    case TypeId.Binary:
      return { declaration: 'LONGBLOB' };
    case TypeId.Date:
      return { declaration: 'DATE', keepsRequired: false };
    case TypeId.Timestamp: {
      if (type.unit === TimeUnit.Nanosecond) return undefined;
      const presented = dataTypes.timestamp(TimeUnit.Microsecond, type.timezone ? 'UTC' : null);
      return { declaration: type.timezone ? 'TIMESTAMP(6) NULL' : 'DATETIME(6)', presented, keepsRequired: false };
    }
    default:
      return undefined;
  }
}

function integerType({ bitWidth = 32, isSigned = true }: DataType): string {
  const name = bitWidth === 8 ? 'TINYINT' : bitWidth === 16 ? 'SMALLINT' : bitWidth === 32 ? 'INT' : 'BIGINT';
  return isSigned ? name : `${name} UNSIGNED`;
}

const FIRST_INSTANT = Date.UTC(1970, 0, 1, 0, 0, 1);
const LAST_INSTANT = Date.UTC(2038, 0, 19, 3, 14, 7);

/** No NaN, no infinities, no subnormal floats, no -0; instants from 1970 to 2038. */
const holds: NonNullable<ConnectorSubject['source']['holds']> = ({ type }, value) => {
  if (type.typeId === TypeId.Float)
    return Number.isFinite(value) && (Object.is(value, 0) || Math.abs(Number(value)) > 1e-37);
  if (type.typeId !== TypeId.Timestamp || !type.timezone) return true;
  const instant = Date.parse(String(value));
  return instant >= FIRST_INSTANT && instant <= LAST_INSTANT;
};

function literal(value: RowValue, { type }: Field): string | undefined {
  if (value === null) return undefined;
  if (type.typeId !== TypeId.Timestamp || !type.timezone) return undefined;
  const text = String(value);
  const seconds = Math.floor(Date.parse(text) / 1_000);
  return `FROM_UNIXTIME(${seconds}.${(/\.(\d+)Z$/.exec(text)?.[1] ?? '0').padEnd(6, '0')})`;
}

const nullable = (type: DataType) => ({ type, nullable: true });

const NATIVE_CASES: readonly NativeCase[] = [
  {
    check: 53,
    declaration: 'CHAR(5)',
    literals: ["'ab'", "'abcde'", "''", 'NULL'],
    expected: { field: nullable(dataTypes.utf8()), values: ['ab', 'abcde', '', null] },
  },
  {
    check: 55,
    declaration: 'TINYINT(1)',
    literals: ['0', '1', '2', '-1', 'NULL'],
    expected: { field: nullable(dataTypes.int8()), values: [0, 1, 2, -1, null] },
  },
  {
    check: 57,
    declaration: 'TIME(6)',
    literals: ["'838:59:59'", "'-838:59:59'", "'00:00:00.000001'"],
    expected: {
      field: nullable(dataTypes.duration(TimeUnit.Microsecond)),
      values: [3_020_399_000_000n, -3_020_399_000_000n, 1n],
    },
  },
  {
    check: 59,
    declaration: 'TIMESTAMP(6) NULL',
    literals: ['FROM_UNIXTIME(1581519780.123456)', 'FROM_UNIXTIME(1)', 'NULL'],
    expected: {
      field: nullable(dataTypes.timestamp(TimeUnit.Microsecond, 'UTC')),
      values: ['2020-02-12T15:03:00.123456Z', '1970-01-01T00:00:01Z', null],
    },
  },
  {
    check: 60,
    declaration: 'JSON',
    literals: [`'{"big": 12345678901234567890}'`],
    expected: { field: nullable(dataTypes.utf8()), values: ['{"big": 12345678901234567890}'] },
  },
  {
    check: 60,
    declaration: "SET('a', 'b', 'c')",
    literals: ["'a,c'", "''", 'NULL'],
    expected: { field: nullable(dataTypes.utf8()), values: ['a,c', '', null] },
  },
];
