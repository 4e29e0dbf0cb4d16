import { dataTypes, type Expr } from '@millrace/core';
import { afterEach, expect, test, vi } from 'vitest';
import { openWorkbench, readTable } from './open-table.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each(['UTC', 'America/New_York', 'Asia/Kathmandu'])('dates and times are the same under TZ=%s', async (zone) => {
  vi.stubEnv('TZ', zone);
  expect(new Date(0).getHours()).toBe({ UTC: 0, 'America/New_York': 19, 'Asia/Kathmandu': 5 }[zone]);
  await using bench = await openWorkbench();
  bench.write(
    'zones.db',
    'CREATE TABLE t (d DATE, t TIME, s DATETIME, z TIMESTAMPTZ)',
    // A gap and an overlap of New York's clocks, and a moment before Kathmandu's offset of today.
    "INSERT INTO t VALUES ('2024-03-10', '02:30', '2024-03-10 02:30:00', '2024-03-10 02:30:00-05:00'), ('2024-11-03', '01:30', '2024-11-03 01:30:00', '2024-11-03 01:30:00Z'), ('1969-12-31', '23:59', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.999999Z')",
  );
  const table = await bench.table('zones.db', 't');
  expect(await readTable(table)).toEqual([
    ['2024-03-10', '02:30:00', '2024-03-10T02:30:00', '2024-03-10T07:30:00Z'],
    ['2024-11-03', '01:30:00', '2024-11-03T01:30:00', '2024-11-03T01:30:00Z'],
    ['1969-12-31', '23:59:00', '1969-12-31T23:59:59.999999', '1969-12-31T23:59:59.999999Z'],
  ]);
  const column: Expr = { kind: 'column', path: ['d'], type: dataTypes.date() };
  const literal: Expr = { kind: 'literal', value: 19_792, type: dataTypes.date() };
  const filters: Expr[] = [{ kind: 'call', function: 'eq', args: [column, literal], type: dataTypes.bool() }];
  expect((await readTable(table, { projection: [0], filters })).flat()).toEqual(['2024-03-10']);
});

const MOMENTS = [
  '2024-03-09 23:59:59.999999',
  '2024-03-10',
  '2024-03-10 00:00',
  '2024-03-10T12:00:00',
  '2024-03-10 23:59',
  '2024-03-11',
];

test.each(['eq', 'lt', 'le', 'gt', 'ge'] as const)(
  '%s on timestamps is pushed as days that lose no row',
  async (comparison) => {
    await using bench = await openWorkbench();
    bench.write(
      'days.db',
      'CREATE TABLE t (s DATETIME, z TIMESTAMPTZ)',
      ...MOMENTS.map(
        (text) => `INSERT INTO t VALUES ('${text}', '${text.length === 10 ? `${text} 00:00` : text}+05:45')`,
      ),
      'CREATE INDEX i ON t (s)',
    );
    const table = await bench.table('days.db', 't');
    const all = await readTable(table);
    // 2024-03-10 00:00 and 12:00, and the same moments seen from Kathmandu.
    for (const [ordinal, name] of ['s', 'z'].entries()) {
      for (const value of [1_710_028_800_000_000n, 1_710_072_000_000_000n, 1_710_008_100_000_000n]) {
        const { type } = table.schema.fields[ordinal]!;
        const column: Expr = { kind: 'column', path: [name], type };
        const literal: Expr = { kind: 'literal', value, type };
        for (const args of [
          [column, literal],
          [literal, column],
        ]) {
          const filters: Expr[] = [{ kind: 'call', function: comparison, args, type: dataTypes.bool() }];
          const plan = await table.scan({ projection: [0, 1], filters }, { signal: new AbortController().signal });
          expect(plan.applied.filters).toEqual(['inexact']);
          const given = (await readTable(table, { filters })).map((row) => row.join());
          const micros = (text: unknown): bigint =>
            BigInt(Date.parse(`${String(text).slice(0, 19).replace('Z', '')}Z`)) * 1000n;
          const signOf = (row: unknown[]): number =>
            Number(micros(row[ordinal]) - value) * (args[0] === column ? 1 : -1);
          const wanted = all.filter((row) => {
            const sign = signOf(row);
            return { eq: sign === 0, lt: sign < 0, le: sign <= 0, gt: sign > 0, ge: sign >= 0 }[comparison];
          });
          for (const row of wanted) expect(given).toContain(row.join());
        }
      }
    }
  },
);
