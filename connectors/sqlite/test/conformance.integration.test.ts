import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectorSubject, createSqlSource, type SqlColumnType, testConnector } from '@millrace/conformance';
import { runtimeEngine } from '@millrace/conformance-engine';
import { dataTypes, type Field, FloatPrecision, TimeUnit, TypeId } from '@millrace/core';
import Database from 'better-sqlite3';
import * as vitest from 'vitest';
import { sqliteConnector } from '../src/index.ts';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** The types that SQLite is told, and what the connector makes of them. Integers of every width are one type there. */
function columnType({ type }: Field): SqlColumnType | undefined {
  switch (type.typeId) {
    case TypeId.Bool:
      return { declaration: 'BOOLEAN' };
    case TypeId.Int:
      return type.isSigned === false && type.bitWidth === 64
        ? undefined
        : { declaration: 'INTEGER', presented: dataTypes.int64() };
    case TypeId.Float:
      return type.precision === FloatPrecision.Double ? { declaration: 'REAL' } : undefined;
    case TypeId.Decimal:
      // A NUMERIC column holds doubles, which tell decimals of up to 15 digits apart.
      return (type.precision ?? 38) <= 15 ? { declaration: `DECIMAL(${type.precision}, ${type.scale})` } : undefined;
    case TypeId.Utf8:
      return { declaration: 'TEXT' };
    case TypeId.Binary:
      return { declaration: 'BLOB' };
    case TypeId.Date:
      return { declaration: 'DATE' };
    case TypeId.Time:
      return type.unit === TimeUnit.Microsecond ? { declaration: 'TIME' } : undefined;
    case TypeId.Timestamp:
      if (type.unit !== TimeUnit.Microsecond) return undefined;
      return { declaration: type.timezone ? 'TIMESTAMPTZ' : 'TIMESTAMP' };
    default:
      return undefined;
  }
}

async function openSqlite(): Promise<ConnectorSubject> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'));
  const database = new Database(join(folder, 'checked.sqlite'));
  database.pragma('journal_mode = WAL');
  const source = createSqlSource({
    execute: async (sql) => void database.exec(sql),
    quoteIdentifier: (name) => `"${name.replaceAll('"', '""')}"`,
    columnType,
    literal(value, { type }) {
      if (typeof value === 'boolean') return value ? '1' : '0';
      if (value === Number.POSITIVE_INFINITY) return '9e999';
      if (value === Number.NEGATIVE_INFINITY) return '-9e999';
      // The shell of a statement ends at a NUL; CAST of a blob does not.
      if (typeof value === 'string' && value.includes('\0'))
        return `CAST(X'${Buffer.from(value).toString('hex')}' AS TEXT)`;
      return type.typeId === TypeId.Decimal ? String(value) : undefined;
    },
    locate: (name) => ({ name, path: name, reference: { namespace: ['main'], name } }),
  });
  return {
    plugin: sqliteConnector,
    parameters: { sqlite_file: 'checked.sqlite' },
    baseDirectory: folder,
    source: {
      ...source,
      // NaN is kept as NULL, and -0 as the integer 0.
      holds: ({ type }, value) => !(type.typeId === TypeId.Float && (Number.isNaN(value) || Object.is(value, -0))),
      reportsPrimaryKeys: true,
      maxColumns: 2_000,
      nativeCases: [
        {
          check: 63,
          declaration: 'INTEGER',
          literals: ["'seven'"],
          expected: { code: 'invalid_data' },
        },
        {
          check: 63,
          declaration: 'INTEGER',
          literals: ["'seven'", '7', 'NULL'],
          parameters: { sqlite_type_conflict: 'null' },
          expected: { field: { type: dataTypes.int64(), nullable: true }, values: [null, 7n, null] },
        },
        {
          check: 60,
          declaration: 'JSON',
          literals: [`'{"big": 12345678901234567890}'`, 'NULL'],
          expected: {
            field: { type: dataTypes.utf8(), nullable: true },
            values: ['{"big": 12345678901234567890}', null],
          },
        },
      ],
    },
    async close() {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

testConnector({
  runner: vitest,
  name: 'sqlite',
  capabilities: manifest.millrace.connectors[0].capabilities,
  open: openSqlite,
  engine: runtimeEngine,
});
