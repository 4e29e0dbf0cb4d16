import type { RowValue } from '@millrace/arrow';
import { type ConnectorSubject, createSqlSource, type SqlColumnType, type TableLocation } from '@millrace/conformance';
import { DateUnit, dataTypes, type Field, FloatPrecision, TimeUnit, TypeId } from '@millrace/core';
import { sharedMariaDb } from '@millrace/services';
import { mysqlConnector } from '../src/index.ts';
import { NATIVE_CASES } from './native-cases.ts';
import { reach } from './open-mysql.ts';

const LONGEST_DURATION = 839n * 3_600_000_000n;
const PASSWORD = 'canary-password';

/** A database of its own on the shared server, and an account that may read its tables and no more. */
export async function openConformanceSource(): Promise<ConnectorSubject> {
  const server = await sharedMariaDb();
  const database = await server.createDatabase();
  const other = await server.createDatabase();
  const reader = `r_${database.database.slice(-20)}`;
  await database.sql(`
    CREATE USER '${reader}'@'%' IDENTIFIED BY '${PASSWORD}';
    GRANT SELECT, SHOW VIEW ON ${database.database}.* TO '${reader}'@'%';
    CREATE TABLE digits (d INT);
    INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
    CREATE VIEW slow AS SELECT SLEEP(10) AS id;
    CREATE VIEW failing AS
      SELECT a.d AS id, 9223372036854775807 + (a.d = 9) AS part
      FROM digits a JOIN digits b JOIN digits c JOIN digits d ORDER BY a.d`);
  await other.sql('CREATE TABLE forbidden (id INT)');
  const source = createSqlSource({
    execute: (sql) => database.sql(`SET time_zone = '+00:00', sql_mode = 'NO_ENGINE_SUBSTITUTION'; ${sql}`),
    quoteIdentifier: quote,
    quoteText,
    columnType,
    literal,
    locate,
    tableOptions: ' DEFAULT CHARACTER SET utf8mb4',
  });
  const count = async (condition: string): Promise<number> => {
    const [row] = await database.sql(
      `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = '${reader}' ${condition}`,
    );
    return Number(row?.n);
  };
  const parameters = {
    ...reach({ ...server, user: reader, password: PASSWORD }, database.database),
    mysql_scan_partitions: '3',
  };
  const receives = process.env.MILLRACE_TEST_MYSQL_URL === undefined;
  return {
    plugin: mysqlConnector,
    parameters,
    source: {
      ...source,
      holds,
      reportsPrimaryKeys: true,
      relationKinds: ['view', 'partitioned_table'],
      async createRelation(request) {
        if (request.kind === 'view') return await source.createRelation(request);
        await database.sql(`CREATE TABLE ${quote(request.name)} AS SELECT * FROM ${quote(request.of.name)}`);
        await database.sql(`ALTER TABLE ${quote(request.name)} PARTITION BY LINEAR KEY (id) PARTITIONS 3`);
        return locate(request.name);
      },
      reservedWords: ['groups', 'rank', 'system', 'lateral', 'div'],
      maxIdentifierBytes: 64,
      nativeCases: NATIVE_CASES,
      unsupportedType: { declaration: 'DECIMAL(50,2)', literal: '12345678901234567890123456789012345678901234567.25' },
      ...(receives && {
        async statements() {
          const received = (await database.receivedStatements()) ?? [];
          return received.filter(({ user }) => user === reader).map(({ sql }) => sql);
        },
      }),
      // The ends of a key are what its index knows.
      readsRows: (statement, { name }) => statement.includes(name) && !/^SELECT CAST\(MIN\(/.test(statement),
      activeStatements: () => count("AND COMMAND <> 'Sleep'"),
      connectionCount: () => count(''),
      async breakConnections() {
        const rows = await database.sql(`SELECT ID FROM information_schema.PROCESSLIST WHERE USER = '${reader}'`);
        for (const { ID } of rows) await database.sql(`KILL ${Number(ID)}`).catch(() => undefined);
      },
    },
    faults: {
      wrongPassword: { mysql_pass: 'not the password' },
      unreachable: { mysql_tcp_port: '1' },
      forbiddenTable: { name: 'forbidden', path: `${other.database}.forbidden` },
      timeout: { parameters: { mysql_statement_timeout: '300ms' }, slow: locate('slow') },
      failsMidway: { table: locate('failing'), code: 'invalid_data' },
    },
    async close() {
      await other.drop();
      await database.sql(`DROP USER '${reader}'@'%'`);
      await database.drop();
    },
  };

  function locate(name: string): TableLocation {
    const path = /[.`]/.test(name) ? quote(name) : name;
    return { name, path, reference: { namespace: [database.database], name } };
  }
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\0', '\\0')}'`;
}

function holds({ type }: Field, value: unknown): boolean {
  switch (type.typeId) {
    case TypeId.Float:
      // The server stores a negative zero as zero.
      return typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0));
    case TypeId.Duration:
      return typeof value === 'bigint' && value < LONGEST_DURATION && value > -LONGEST_DURATION;
    case TypeId.Date:
      return typeof value === 'number' ? value >= -719_162 && value <= 2_932_896 : !String(value).startsWith('-');
    case TypeId.Timestamp:
      return isMoment(value, type.unit ?? TimeUnit.Second, typeof type.timezone === 'string');
    default:
      return true;
  }
}

/** DATETIME has the years 1 to 9999, TIMESTAMP those from 1970-01-01 00:00:01 to the end of 32 bits. */
function isMoment(value: unknown, unit: number, isInstant: boolean): boolean {
  const seconds =
    typeof value === 'bigint'
      ? Number(value / 1000n ** BigInt(unit))
      : Date.parse(String(value).replace(/Z?$/, 'Z')) / 1000;
  return isInstant ? seconds >= 1 && seconds < 2 ** 31 - 1 : seconds >= -62_135_596_800 && seconds < 253_402_300_800;
}

function columnType({ type }: Field): SqlColumnType | undefined {
  switch (type.typeId) {
    case TypeId.Int: {
      const name = { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INT', 64: 'BIGINT' }[type.bitWidth ?? 32];
      return { declaration: `${name}${type.isSigned === false ? ' UNSIGNED' : ''}` };
    }
    case TypeId.Float:
      if (type.precision === FloatPrecision.Half) return undefined;
      return { declaration: type.precision === FloatPrecision.Single ? 'FLOAT' : 'DOUBLE' };
    case TypeId.Decimal:
      // MySQL has 30 digits behind the point, MariaDB 38.
      if ((type.precision ?? 0) > 38 || (type.scale ?? 0) > 30) return undefined;
      return { declaration: `DECIMAL(${type.precision},${type.scale})` };
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return { declaration: 'LONGTEXT COLLATE utf8mb4_unicode_ci', presented: dataTypes.utf8() };
    case TypeId.Binary:
    case TypeId.LargeBinary:
      return { declaration: 'LONGBLOB', presented: dataTypes.binary() };
    case TypeId.Date:
      return type.unit === DateUnit.Day ? { declaration: 'DATE', keepsRequired: false } : undefined;
    case TypeId.Timestamp:
      if (type.unit === TimeUnit.Nanosecond) return undefined;
      return typeof type.timezone === 'string'
        ? {
            declaration: 'TIMESTAMP(6) NULL',
            presented: dataTypes.timestamp(TimeUnit.Microsecond, 'UTC'),
            keepsRequired: false,
          }
        : { declaration: 'DATETIME(6)', presented: dataTypes.timestamp(TimeUnit.Microsecond), keepsRequired: false };
    case TypeId.Duration:
      return type.unit === TimeUnit.Microsecond ? { declaration: 'TIME(6)' } : undefined;
    default:
      return undefined;
  }
}

function literal(value: RowValue, { type }: Field): string | undefined {
  if (type.typeId === TypeId.Timestamp && typeof value === 'string')
    return `'${value.replace('T', ' ').replace('Z', '')}'`;
  if (type.typeId === TypeId.Duration && typeof value === 'bigint') {
    const micros = value < 0n ? -value : value;
    const seconds = micros / 1_000_000n;
    const parts = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map((part) => String(part).padStart(2, '0'));
    return `'${value < 0n ? '-' : ''}${parts.join(':')}.${String(micros % 1_000_000n).padStart(6, '0')}'`;
  }
  return undefined;
}
