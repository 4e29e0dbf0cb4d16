import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { ENGINES } from '@millrace/engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, formatExplanation, type Runtime } from '../src/index.ts';

const STORE = 'explained-indexes';
const ENGINE_IDS = ['sqlite', 'duckdb'] as const;

describe('explain', () => {
  let folder: string;
  let runtime: Runtime;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-explained-'));
    memoryDatabase(STORE).put('orders', {
      schema: { fields: [field('id', dataTypes.int32()), field('note', dataTypes.utf8())] },
      rows: Array.from({ length: 5_000 }, (_, id) => [id, `note ${id}`]),
    });
    runtime = await createRuntime({
      dataDirectory: folder,
      config: {
        datasets: ENGINE_IDS.map((engine) => ({
          from: 'memory:orders',
          name: `in_${engine}`,
          params: { memory_database: STORE },
          acceleration: { engine, primary_key: 'id' },
        })),
      },
      registry: createRegistry({ connectors: [memoryConnector], accelerators: ENGINES }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    await runtime.ready();
  });
  afterAll(async () => {
    await runtime.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(ENGINE_IDS)('says by which index %s looks rows up, and says it of no other scan', async (engine) => {
    const textOf = async (where: string) =>
      formatExplanation(await runtime.explain(`SELECT note FROM in_${engine} WHERE ${where}`, { native: 'off' }));
    expect(await textOf('id = 4711')).toMatch(/note: looks rows up by \S/);
    expect(await textOf("note = 'note 4711'")).not.toContain('looks rows up');
    const rows = await (
      await runtime.sql(`EXPLAIN SELECT note FROM in_${engine} WHERE id = 4711`, { native: 'off' })
    ).toRows();
    expect(JSON.stringify(rows)).toContain('looks rows up by');
  });
});
