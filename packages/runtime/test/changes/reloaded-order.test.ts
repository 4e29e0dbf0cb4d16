import { describe, expect, it } from 'vitest';
import type { DatasetInput, RefreshEvent } from '../../src/index.ts';
import { useChanges } from './changes-fixture.ts';

describe('datasets that depend on each other', () => {
  const { dataset, rows, put, write, startFromFile } = useChanges('reloaded-order');
  const accelerated = (name: string, dependsOn: readonly string[], changes: Partial<DatasetInput> = {}): DatasetInput =>
    dataset({
      name,
      acceleration: { engine: 'arrow' },
      ...(dependsOn.length > 0 ? { depends_on: dependsOn } : {}),
      ...changes,
    });

  it('come with one reload in any order, and load behind each other', async () => {
    put(3);
    const events: RefreshEvent[] = [];
    const runtime = await startFromFile(
      { datasets: [accelerated('old', [])] },
      { onRefreshEvent: (event) => void events.push(event) },
    );
    events.length = 0;
    write({
      datasets: [
        accelerated('last', ['middle']),
        accelerated('middle', ['first']),
        accelerated('first', []),
        accelerated('old', []),
      ],
    });
    expect(await runtime.reload()).toMatchObject({ added: ['last', 'middle', 'first'], failed: [] });
    await runtime.ready();
    const started = events.filter(({ kind }) => kind === 'refresh_started');
    expect(started.map((event) => event.dataset)).toEqual(['first', 'middle', 'last']);
    expect(await rows(runtime, 'SELECT count(*)::INTEGER AS n FROM last')).toEqual([{ n: 3 }]);
  });

  it('may depend on one that comes with their new definition', async () => {
    put(3);
    const runtime = await startFromFile({ datasets: [accelerated('old', [])] });
    const acceleration = { engine: 'arrow', refresh_sql: 'SELECT id FROM old WHERE id > 0' };
    write({ datasets: [accelerated('old', ['fresh'], { acceleration }), accelerated('fresh', [])] });
    expect(await runtime.reload()).toMatchObject({ added: ['fresh'], updated: ['old'], failed: [] });
    await runtime.ready();
    expect(await rows(runtime, 'SELECT count(*)::INTEGER AS n FROM old')).toEqual([{ n: 2 }]);
  });
});
