import { expect, it } from 'vitest';
import { inTurn } from './in-turn.ts';

it('work with one file is done one after the other, and with others beside it', async () => {
  const log: string[] = [];
  let openGate = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    openGate = resolve;
  });
  const first = inTurn(['a', 'b'], async () => {
    log.push('first begins');
    await gate;
    log.push('first ends');
    throw new RangeError('broken');
  });
  const second = inTurn(['b'], async () => log.push('second'));
  const third = inTurn(['c'], async () => log.push('third'));
  await third;
  expect(log).toEqual(['first begins', 'third']);
  openGate();
  await expect(first).rejects.toThrow(RangeError);
  await second;
  expect(log).toEqual(['first begins', 'third', 'first ends', 'second']);
});
