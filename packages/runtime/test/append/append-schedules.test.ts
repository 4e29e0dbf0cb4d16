import { isDeepStrictEqual } from 'node:util';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { ENGINE_MODES, ENGINES, openEngine } from '@millrace/engines';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createRuntime, type DatasetInput, type Runtime } from '../../src/index.ts';
import { modelAccelerator } from './model-accelerator.ts';
import { play, type Schedule, type SourceRow, schedules } from './schedule.ts';

const isFull = process.env.MILLRACE_TEST_FULL === '1';
/** A step over a server takes several times as long as one in this process. */
const countOf = (engine: string): number => (isFull ? 1_000 : engine === 'postgres' ? 12 : 40);
const seed = Number(process.env.MILLRACE_TEST_SEED ?? (isFull ? Date.now() % 2 ** 31 : 20_261_129));
const PER_RUNTIME = 20;
const STORE = 'append-schedules';
const APPENDING = [modelAccelerator, ...ENGINES].filter(
  ({ id, refreshModes }) =>
    refreshModes?.includes('append') === true &&
    (id === modelAccelerator.id || ENGINE_MODES.some(({ engine }) => engine === id)),
);
const registry = createRegistry({ connectors: [memoryConnector], accelerators: APPENDING });

function put(table: string, { kind }: Schedule, rows: readonly SourceRow[]): void {
  const fields = [field('id', dataTypes.int32()), field('at', kind.type), field('note', dataTypes.utf8())];
  memoryDatabase(STORE).put(table, { schema: { fields }, rows: rows.map(({ values }) => values) });
}

async function read(runtime: Runtime, table: string): Promise<readonly string[]> {
  const rows = await (await runtime.sql(`SELECT * FROM ${table}`, { pushdown: 'off' })).toRows();
  return rows.map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)));
}

interface Copied {
  readonly engine: string;
  readonly params: Readonly<Record<string, string>>;
  readonly table: string;
}

function toDatasets({ engine, params, table }: Copied, { kind, overlapTicks }: Schedule): readonly DatasetInput[] {
  const source = { from: `memory:${table}`, params: { memory_database: STORE } };
  return [
    { ...source, name: `source.${table}` },
    {
      ...source,
      name: table,
      time_column: 'at',
      ...(kind.format === undefined ? {} : { time_format: kind.format }),
      acceleration: {
        engine,
        params,
        refresh_mode: 'append',
        refresh_append_overlap: `${overlapTicks * kind.tickMs}ms`,
      },
    },
  ];
}

describe('random schedules of inserts', () => {
  const totals: Record<string, { equal: number; lossy: number }> = {};
  afterAll(() => {
    console.info(`append schedules, seed ${seed}: ${JSON.stringify(totals)}`);
  });

  it.each(APPENDING.map(({ id }) => id))(
    'end equal to the source, or lossy by the rule (%s)',
    async (engine) => {
      const count = countOf(engine);
      const drawn = fc.sample(schedules(), { numRuns: count, seed });
      const total = { equal: 0, lossy: 0 };
      totals[engine] = total;
      for (let first = 0; first < drawn.length; first += PER_RUNTIME) {
        const part = drawn.slice(first, first + PER_RUNTIME).map((schedule, index) => ({
          schedule,
          table: `t${index}`,
          played: play(schedule),
        }));
        for (const { schedule, table, played } of part) put(table, schedule, played[0] ?? []);
        const { params, close } = await openEngine(engine);
        const runtime = await createRuntime({
          config: {
            datasets: part.flatMap(({ schedule, table }) => toDatasets({ engine, params, table }, schedule)),
          },
          registry,
          threads: 2,
        });
        await runtime.ready();
        for (const { schedule, table, played } of part) {
          for (const [step, rows] of played.entries()) {
            put(table, schedule, rows);
            const report = await runtime.refresh(table);
            const source = await read(runtime, `source.${table}`);
            const expected = source.filter((_, row) => rows[row]?.isLate === false);
            const copy = await read(runtime, table);
            expect(source).toHaveLength(rows.length);
            const context = () =>
              JSON.stringify({
                seed,
                schedule: first,
                table,
                step,
                engine,
                schedules: part.map((each) => each.schedule.kind.name),
                report: { ...report, rowCount: Number(report.rowCount) },
              });
            if (!isDeepStrictEqual(copy.toSorted(), expected.toSorted()))
              expect.fail(
                `${context()}\ncopy ${copy.toSorted().join('\n')}\nexpected ${expected.toSorted().join('\n')}`,
              );
          }
          if (played.at(-1)?.some(({ isLate }) => isLate)) total.lossy += 1;
          else total.equal += 1;
        }
        await runtime.close();
        await close();
      }
      expect(total.equal + total.lossy).toBe(count);
      expect(total.equal).toBeGreaterThan(count / 2);
      expect(total.lossy).toBeGreaterThan(0);
    },
    isFull ? 7_200_000 : 120_000,
  );
});
