import { memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { type Benchmark, timed } from '../benchmark.ts';
import { drain, IN_DUCKDB, openBenchRuntime } from '../data/bench-runtime.ts';
import { openBareDuckDb } from '../peer/bare-duckdb.ts';

const SQL = 'SELECT name FROM points WHERE id = 7';
/** With a function, so that the scan's rows are not the answer already. */
const COMPUTED = 'SELECT upper(name) AS name FROM points WHERE id = 7';

/** What a query costs whatever it does: inspecting, planning, staging, probing, over a table of next to nothing. */
export const fixedCost: Benchmark = {
  name: 'fixed-cost',
  title: 'a trivial query in place, and over one staged scan, against the same query in bare DuckDB',
  statedRowCount: 100,
  rows: [
    {
      name: 'fixed-cost-in-place',
      unit: 'ms',
      digits: 2,
      bar: { figure: 'ours_minus_peer', comparison: 'at_most', limit: 3 },
    },
    {
      name: 'fixed-cost-staged',
      unit: 'ms',
      digits: 2,
      bar: { figure: 'ours_minus_peer', comparison: 'at_most', limit: 8 },
    },
  ],
  async prepare({ rowCount, own }) {
    const bare = own(await openBareDuckDb());
    await bare.run(`CREATE TABLE points AS SELECT i AS id, 'point ' || i AS name FROM range(${rowCount}) points(i)`);
    memoryDatabase('bench').put('points', {
      schema: { fields: [field('id', dataTypes.int64()), field('name', dataTypes.utf8())] },
      rows: Array.from({ length: rowCount }, (_, index) => [BigInt(index), `point ${index}`]),
    });
    const accelerated = own(
      await openBenchRuntime([{ from: 'scanned:points', name: 'points', acceleration: IN_DUCKDB }]),
    );
    const federated = own(await openBenchRuntime([{ from: 'scanned:points', name: 'points' }]));
    return {
      rowCount,
      cases: [
        {
          rows: ['fixed-cost-in-place'],
          repeats: 200,
          warmups: 50,
          ours: () => timed(() => drain(accelerated, SQL)),
          peer: () => timed(() => bare.drain(SQL)),
        },
        {
          rows: ['fixed-cost-staged'],
          repeats: 200,
          warmups: 50,
          ours: () => timed(() => drain(federated, COMPUTED)),
          peer: () => timed(() => bare.drain(COMPUTED)),
        },
      ],
    };
  },
};
