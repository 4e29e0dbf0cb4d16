import { expect, it } from 'vitest';
import { describeLoad } from './load-progress.ts';

it('shows rows and time, and a bar where the last load says how many rows there will be', () => {
  const status = { name: 'orders', state: 'loading' } as const;
  expect(describeLoad({ status, value: 0, total: 0, elapsedMs: 1_500 })).toBe('loading orders 1.5 s');
  expect(describeLoad({ status, value: 1_234, total: 0, elapsedMs: 10 })).toBe('loading orders 1,234 rows, 0.0 s');
  const refreshing = { name: 'orders', state: 'refreshing' } as const;
  expect(describeLoad({ status: refreshing, value: 50, total: 100, elapsedMs: 0 })).toBe(
    `refreshing orders ${'█'.repeat(12)}${'░'.repeat(12)} 50 rows, 0.0 s`,
  );
  expect(describeLoad({ status: refreshing, value: 300, total: 100, elapsedMs: 0 })).toContain('█'.repeat(24));
});
