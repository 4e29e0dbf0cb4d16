import { type RowValue, rowArraysFromBatch } from '@millrace/arrow';
import type { AnswerMode, EngineAdapter, EngineAnswer, EngineRequest } from '@millrace/conformance';
import type { RecordBatch, Schema } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { type DuckDbDatabase, loadBatches, openDatabase, quoteIdentifier, toDuckDbType } from '@millrace/duckdb';
import { createRuntime, formatExplanation, type Runtime } from '@millrace/runtime';

/** Answers through a runtime with the connector as its plugin, and through bare DuckDB over the same rows. */
export const runtimeEngine: EngineAdapter = {
  async open(request) {
    const runtime = await openRuntime(request);
    const bare = await openReference(request);
    return {
      query: (sql, mode) => (mode === 'reference' ? queryReference(bare, sql) : queryRuntime(runtime, sql, mode)),
      explain: async (sql) => formatExplanation(await runtime.explain(sql, { native: 'off' })),
      async [Symbol.asyncDispose]() {
        await runtime.close();
        await bare.close();
      },
    };
  },
};

async function openRuntime({ plugin, baseDirectory, tables }: EngineRequest): Promise<Runtime> {
  const registry = createRegistry({ connectors: [plugin], accelerators: [] });
  const datasets = tables.map(({ name, path, parameters }) => ({
    from: `${plugin.id}:${path}`,
    name,
    params: { ...parameters },
  }));
  const runtime = await createRuntime({ config: { datasets }, registry, baseDirectory });
  const broken = runtime.datasets().find(({ lastError }) => lastError !== undefined);
  if (broken === undefined) return runtime;
  await runtime.close();
  throw new Error(`dataset ${broken.name}: ${broken.lastError}`);
}

async function openReference({ tables }: EngineRequest): Promise<DuckDbDatabase> {
  const bare = await openDatabase({ path: ':memory:', settings: { TimeZone: 'UTC' } });
  await bare.withConnection(async (connection) => {
    for (const { name, batch } of tables) {
      const columns = batch.schema.fields.map((field) => {
        const required = field.nullable ? '' : ' NOT NULL';
        return `${quoteIdentifier(field.name)} ${toDuckDbType(field)}${required}`;
      });
      await connection.run(`CREATE TABLE ${quoteIdentifier(name)} (${columns.join(', ')})`);
      await loadBatches({ connection, target: quoteIdentifier(name), schema: batch.schema, batches: [batch] });
    }
  });
  return bare;
}

async function queryRuntime(
  runtime: Runtime,
  sql: string,
  mode: Exclude<AnswerMode, 'reference'>,
): Promise<EngineAnswer> {
  await using result = await runtime.sql(sql, mode === 'unpushed' ? { pushdown: 'off' } : { native: 'off' });
  return await readAnswer(result.schema, result);
}

function queryReference(bare: DuckDbDatabase, sql: string): Promise<EngineAnswer> {
  return bare.withConnection(async (connection) => {
    const stream = await connection.stream({ sql });
    return await readAnswer(stream.schema, stream);
  });
}

async function readAnswer(schema: Schema, batches: AsyncIterable<RecordBatch>): Promise<EngineAnswer> {
  const rows: (readonly RowValue[])[] = [];
  for await (const batch of batches) rows.push(...rowArraysFromBatch(batch));
  return { schema, rows };
}
