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
