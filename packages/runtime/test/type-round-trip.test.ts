import { arrowAccelerator } from '@millrace/accelerator-arrow';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { batchFromRows, createLiteralReader, type LiteralLike, type RowValue, rowsFromBatch } from '@millrace/arrow';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, type Field, field, type RecordBatch } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { fieldLiteral, openDatabase } from '@millrace/duckdb';
import { TYPE_SAMPLES } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime, type SqlOptions } from '../src/index.ts';
import { ARROW_ONLY_SAMPLES, type ArrowOnlySample } from './arrow-only-samples.ts';

/** Extra values for types whose samples above leave one of the classic traps out. */
const MORE_VALUES: Readonly<Record<string, readonly string[]>> = {
  DOUBLE: ['9007199254740993::DOUBLE', "'-nan'::DOUBLE", '0.0::DOUBLE'],
  HUGEINT: ['9007199254740993'],
  'DECIMAL(38,10)': ['9007199254740993'],
};

/** The bindings of DuckDB have no values of these types, so a parameter is refused with a code; see the kit's tests. */
const CANNOT_BE_BOUND: ReadonlySet<string> = new Set(['GEOMETRY']);

/**
 * Values that no literal of a statement can give: DuckDB casts no bytes to GEOMETRY, and its parser cannot write down the members of
 * an ENUM inside another type, which inspection needs.
 */
const CANNOT_BE_WRITTEN = /^GEOMETRY$|^STRUCT.*ENUM/;

interface Sample {
  readonly title: string;
  readonly batch: RecordBatch;
  readonly field: Field;
  /** The values as users see them, by row. */
  readonly values: readonly RowValue[];
  /** The values in the form in which they are bound. */
  readonly literals: readonly LiteralLike[];
}

const VARIANTS = ['memory', 'arrow', 'duckdb'] as const;
const MODES = [{}, { native: 'off' }, { pushdown: 'off' }] as const;

describe('every type through the engine', () => {
  let runtime: Runtime;
  const samples: Sample[] = [];

  beforeAll(async () => {
    samples.push(...(await duckDbSamples()), ...ARROW_ONLY_SAMPLES.map(arrowSample));
    const store = memoryDatabase('type-round-trip');
    for (const [index, { batch }] of samples.entries())
      store.put(`t${index}`, { schema: batch.schema, batches: [batch] });
    const params = { memory_database: 'type-round-trip' };
    runtime = await createRuntime({
      config: {
        datasets: samples.flatMap((_, index) =>
          VARIANTS.map((variant) => ({
            from: `memory:t${index}`,
            name: `${variant}_${index}`,
            params,
            ...(variant === 'memory' ? {} : { acceleration: { engine: variant } }),
          })),
        ),
      },
      registry: createRegistry({ connectors: [memoryConnector], accelerators: [arrowAccelerator, duckdbAccelerator] }),
    });
    await runtime.ready();
  });
  afterAll(() => runtime?.close());

  const count = TYPE_SAMPLES.length + ARROW_ONLY_SAMPLES.length;
  it.each(Array.from({ length: count }, (_, index) => [titleOf(index), index] as const))('%s', async (_, index) => {
    const { values, literals, field: declared } = samples[index]!;
    for (const variant of VARIANTS) {
      const table = `${variant}_${index}`;
      for (const mode of MODES) {
        const result = await runtime.sql(`SELECT id, v FROM ${table} ORDER BY id`, mode);
        expect(
          (await result.toRows()).map(({ v }) => v),
          `${table} ${JSON.stringify(mode)}`,
        ).toEqual(values);
        for (const [row, literal] of literals.entries()) {
          if (!CANNOT_BE_WRITTEN.test(titleOf(index))) {
            const text = fieldLiteral(declared, literal);
            expect(await idsEqualTo(text, mode), `${table}, literal ${text}`).toContain(row);
          }
          if (CANNOT_BE_BOUND.has(titleOf(index)) && literal !== null) continue;
          const parameter = literal === null ? null : boundValue(literal, declared);
          expect(await idsEqualTo('$1', { ...mode, parameters: [parameter] }), `${table}, row ${row}`).toContain(row);
        }
        async function idsEqualTo(value: string, options: SqlOptions): Promise<unknown[]> {
          const found = await runtime.sql(`SELECT id FROM ${table} WHERE v IS NOT DISTINCT FROM ${value}`, options);
          return (await found.toRows()).map(({ id }) => id);
        }
      }
    }
    for (const [row, literal] of literals.entries()) {
      if (literal === null || CANNOT_BE_BOUND.has(titleOf(index))) continue;
      const echoed = await runtime.sql('SELECT $1 AS v', { parameters: [boundValue(literal, declared)] });
      expect((await echoed.toRows())[0]!.v).toEqual(values[row]);
    }
  });
});

function boundValue(value: LiteralLike, { type, metadata }: Field) {
  return { value, type, ...(metadata ? { metadata } : {}) };
}

function titleOf(index: number): string {
  return TYPE_SAMPLES[index]?.type ?? ARROW_ONLY_SAMPLES[index - TYPE_SAMPLES.length]!.title;
}

/** The samples of every DuckDB type, as the kit reads them. */
async function duckDbSamples(): Promise<Sample[]> {
  await using database = await openDatabase({ path: ':memory:' });
  const samples: Sample[] = [];
  for (const { type, values } of TYPE_SAMPLES) {
    const literals = ['NULL', ...values, ...(MORE_VALUES[type] ?? [])].map((value) => `CAST(${value} AS ${type})`);
    const selects = literals.map((literal, row) => `SELECT ${row}::INTEGER AS id, ${literal} AS v`);
    await using connection = await database.connect();
    const stream = await connection.stream({ sql: `${selects.join(' UNION ALL ')} ORDER BY id` });
    for await (const batch of stream) samples.push(toSample(type, batch));
  }
  return samples;
}

function arrowSample({ title, type, values, shown }: ArrowOnlySample): Sample {
  const schema = { fields: [field('id', dataTypes.int32()), field('v', type)] };
  const sample = toSample(
    title,
    batchFromRows(
      schema,
      [null, ...values].map((value, row) => [row, value]),
    ),
  );
  return shown === undefined ? sample : { ...sample, values: [null, ...shown] as readonly RowValue[] };
}

function toSample(title: string, batch: RecordBatch): Sample {
  const read = createLiteralReader(batch.data.children[1]!);
  return {
    title,
    batch,
    field: batch.schema.fields[1]!,
    values: [...rowsFromBatch(batch)].map(({ v }) => v as RowValue),
    literals: Array.from({ length: batch.numRows }, (_, row) => read(row)),
  };
}
