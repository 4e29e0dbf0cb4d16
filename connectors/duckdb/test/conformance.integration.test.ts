import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectorSubject, createSqlSource, type SqlColumnType, testConnector } from '@millrace/conformance';
import { runtimeEngine } from '@millrace/conformance-engine';
import { type Field, isMillraceError, TimeUnit, TypeId } from '@millrace/core';
import { openDatabase, toDuckDbType } from '@millrace/duckdb';
import * as vitest from 'vitest';
import { duckDbConnector } from '../src/index.ts';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** How long the connector may take to give a file up. */
const PATIENCE_MS = 60_000;

/** Types that DuckDB has and that come back as they went in; the suite writes no intervals, which the test of every type covers. */
function columnType(field: Field): SqlColumnType | undefined {
  const { type } = field;
  switch (type.typeId) {
    case TypeId.Bool:
    case TypeId.Int:
    case TypeId.Utf8:
    case TypeId.Binary:
      return { declaration: toDuckDbType(field) };
    case TypeId.Float:
      return type.precision === 0 ? undefined : { declaration: toDuckDbType(field) };
    case TypeId.Decimal:
      return (type.precision ?? 39) <= 38 ? { declaration: toDuckDbType(field) } : undefined;
    case TypeId.Date:
      return type.unit === 0 ? { declaration: toDuckDbType(field) } : undefined;
    case TypeId.Time:
      return type.unit === TimeUnit.Microsecond ? { declaration: toDuckDbType(field) } : undefined;
    case TypeId.Timestamp:
      return type.unit === TimeUnit.Microsecond ? { declaration: toDuckDbType(field) } : undefined;
    default:
      return undefined;
  }
}

async function openDuckDb(): Promise<ConnectorSubject> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-duckdb-'));
  const path = join(folder, 'checked.duckdb');
  /** One owner at a time: the connector gives the file up first. */
  const execute = async (sql: string): Promise<void> => {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        await using database = await openDatabase({ path });
        await database.withConnection((connection) => connection.run(sql));
        return;
      } catch (error) {
        const isHeld =
          isMillraceError(error) && error.code === 'conflict' && !/TransactionContext/.test(String(error.cause));
        if (!isHeld || performance.now() > deadline) throw error;
        await sleep(5);
      }
    }
  };
  await execute('CREATE SCHEMA IF NOT EXISTS main');
  const { appendRows: _, ...source } = createSqlSource({
    execute,
    quoteIdentifier: (name) => `"${name.replaceAll('"', '""')}"`,
    columnType,
    literal(value, field) {
      if (value === null) return undefined;
      const type = toDuckDbType(field);
      if (typeof value === 'number' && !Number.isFinite(value)) return `'${value}'::${type}`;
      if (value instanceof Uint8Array)
        return `'${Array.from(value, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}'::BLOB`;
      if (typeof value === 'string' && value.includes('\0')) {
        return `(${value
          .split('\0')
          .map((part) => `'${part.replaceAll("'", "''")}'`)
          .join(' || chr(0) || ')})`;
      }
      return typeof value === 'bigint' || field.type.typeId === TypeId.Decimal ? `'${value}'::${type}` : undefined;
    },
    locate: (name) => ({ name, path: `"${name.replaceAll('"', '""')}"`, reference: { namespace: ['main'], name } }),
  });
  return {
    plugin: duckDbConnector,
    parameters: { duckdb_open: 'checked.duckdb', duckdb_idle_timeout: '0ms' },
    baseDirectory: folder,
    source: {
      ...source,
      reportsPrimaryKeys: true,
      cachesInProcess:
        'DuckDB runs in this process: the blocks of the file that it caches, within its memory limit, count as held',
    },
    async close() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

testConnector({
  runner: vitest,
  name: 'duckdb',
  capabilities: manifest.millrace.connectors[0].capabilities,
  open: openDuckDb,
  engine: runtimeEngine,
});
