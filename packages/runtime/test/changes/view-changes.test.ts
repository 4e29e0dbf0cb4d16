import { describe, expect, it } from 'vitest';
import type { Runtime, ViewInput } from '../../src/index.ts';
import { useChanges } from './changes-fixture.ts';

const WAIT = { timeout: 60_000 };
/** Seconds on a machine that does nothing else. */
const SLOW = { timeout: 300_000 };

describe('views that change while statements run', SLOW, () => {
  const fixture = useChanges('view-changes');
  const { dataset, rows, put, start, hold } = fixture;
  const acceleration = { engine: 'arrow' };
  const first = (runtime: Runtime, sql: string) =>
    rows(runtime, sql).then(
      ([row]) => row,
      (error: { readonly code: string }) => error.code,
    );
  const COUNT = 'SELECT count(*)::INTEGER AS n FROM v';

  it.each([
    ['plain', {}],
    ['accelerated', { acceleration }],
  ] as const)('are added, updated and removed once, %s', async (_, more) => {
    put(10);
    const runtime = await start([dataset()]);
    const view: ViewInput = { name: 'v', sql: 'SELECT id FROM a', ...more };
    const answers = await Promise.all([runtime.addView(view), runtime.addView(view)]);
    expect(answers.sort()).toEqual(['added', 'unchanged']);
    expect(await first(runtime, COUNT)).toEqual({ n: 10 });
    const other = { ...view, sql: 'SELECT id FROM a WHERE id < 4' };
    await expect(runtime.addView(other)).rejects.toMatchObject({ code: 'already_exists' });
    expect([await runtime.updateView(other), await runtime.updateView(other)]).toEqual(['updated', 'unchanged']);
    expect(await first(runtime, COUNT)).toEqual({ n: 4 });
    expect([await runtime.removeView('V'), await runtime.removeView('v')]).toEqual([true, false]);
    expect(await first(runtime, COUNT)).toBe('unknown_table');
    await expect(runtime.updateView(other)).rejects.toMatchObject({ code: 'unknown_table' });
    expect(runtime.datasets().map(({ name }) => name)).toEqual(['a']);
  });

  it('get a copy and lose it, under views and statements that go on', async () => {
    put(20_000);
    const runtime = await start([dataset()]);
    const view: ViewInput = { name: 'v', sql: 'SELECT id, note FROM a' };
    await runtime.addView(view);
    await runtime.addView({ name: 'w', sql: 'SELECT note FROM v' });
    for (const next of [
      { ...view, acceleration },
      { ...view, sql: 'SELECT id, note FROM a WHERE true' },
    ]) {
      const read = (await runtime.sql('SELECT id FROM v'))[Symbol.asyncIterator]();
      let seen = (await read.next()).value?.numRows ?? 0;
      expect(await runtime.updateView(next)).toBe('updated');
      expect(await first(runtime, 'SELECT count(*)::INTEGER AS n, max(note) AS note FROM w')).toEqual({
        n: 20_000,
        note: 'a2',
      });
      for (let step = await read.next(); !step.done; step = await read.next()) seen += step.value.numRows;
      expect(seen).toBe(20_000);
    }
  });

  it('answer as they were until the new copy is loaded', async () => {
    put(10);
    const runtime = await start([dataset()]);
    const view: ViewInput = { name: 'v', sql: 'SELECT id FROM a', acceleration };
    await runtime.addView(view);
    await runtime.ready();
    const open = hold();
    const update = runtime.updateView({ ...view, sql: 'SELECT id FROM a WHERE id < 4' });
    await expect.poll(() => fixture.source.reading, WAIT).toBe(1);
    expect(await first(runtime, COUNT)).toEqual({ n: 10 });
    open();
    expect(await update).toBe('updated');
    expect(await first(runtime, COUNT)).toEqual({ n: 4 });
  });

  it('take the accelerated views along that are read through them', async () => {
    put(10);
    const runtime = await start([dataset()]);
    await runtime.addView({ name: 'v', sql: 'SELECT id FROM a' });
    await runtime.addView({ name: 'counted', sql: 'SELECT count(*)::INTEGER AS n FROM v', acceleration });
    await runtime.ready();
    await runtime.updateView({ name: 'v', sql: 'SELECT id FROM a WHERE id < 4' });
    expect(await first(runtime, 'FROM counted')).toEqual({ n: 4 });
    await expect(runtime.updateView({ name: 'v', sql: 'SELECT note FROM a' })).resolves.toBe('updated');
    await expect(runtime.addView({ name: 'ids', sql: 'SELECT note FROM v', acceleration })).resolves.toBe('added');
    await expect(runtime.updateView({ name: 'v', sql: 'SELECT id FROM a' })).rejects.toMatchObject({
      code: 'sql_error',
      component: 'view ids',
    });
  });

  it('and datasets keep what reads them', async () => {
    put(10);
    const runtime = await start([dataset()]);
    await runtime.addView({ name: 'v', sql: 'SELECT id FROM a' });
    await runtime.addView({ name: 'w', sql: 'SELECT id FROM v', acceleration });
    const refused = { code: 'invalid_state' };
    await expect(runtime.removeView('v')).rejects.toMatchObject(refused);
    await expect(runtime.removeDataset('a')).rejects.toMatchObject(refused);
    await runtime.removeView('w');
    await runtime.addView({ name: 'w', sql: 'SELECT id FROM v' });
    await expect(runtime.removeView('v')).rejects.toMatchObject(refused);
    await runtime.removeView('w');
    expect([await runtime.removeView('v'), await runtime.removeDataset('a')]).toEqual([true, true]);
  });

  it.each<[string, ViewInput, string]>([
    ['no query', { name: 'x' }, 'invalid_config'],
    ['a syntax error', { name: 'x', sql: 'SELECT at FROM a' }, 'sql_syntax'],
    ['a column that is not there', { name: 'x', sql: 'SELECT nothing FROM a' }, 'sql_error'],
    ['a table that is not there', { name: 'x', sql: 'FROM nothing' }, 'unknown_table'],
    ['the name of a dataset', { name: 'A', sql: 'SELECT 1 AS one' }, 'already_exists'],
    ['itself', { name: 'x', sql: 'FROM x' }, 'invalid_config'],
    [
      'other columns than it declares',
      { name: 'x', sql: 'SELECT id FROM a', columns: [{ name: 'id', type: 'VARCHAR' }] },
      'invalid_config',
    ],
    ['a dependency on nothing', { name: 'x', sql: 'FROM a', depends_on: ['nothing'] }, 'invalid_config'],
    [
      'an accelerator that is not there',
      { name: 'x', sql: 'FROM a', acceleration: { engine: 'none' } },
      'unknown_accelerator',
    ],
  ])('are not added with %s', async (_, view, code) => {
    put(3);
    const runtime = await start([dataset()]);
    await expect(runtime.addView(view)).rejects.toMatchObject({ code });
    expect(await first(runtime, 'FROM x')).toBe('unknown_table');
    expect(await first(runtime, 'SELECT count(*)::INTEGER AS n FROM a')).toEqual({ n: 3 });
  });
});
