import { describe, expect, it } from 'vitest';
import type { EngineTable } from '../query/engine-table.ts';
import type { QueryScope } from '../query/query-scope.ts';
import { OnDemandScope } from './on-demand-scope.ts';

/** Counts scopes instead of opening them: this is about how many there are, not about what they answer. */
function createOpener() {
  const counts = { opened: 0, open: 0 };
  const createScope = async (): Promise<QueryScope> => {
    counts.opened += 1;
    counts.open += 1;
    return {
      [Symbol.asyncDispose]: async () => {
        counts.open -= 1;
      },
    } as unknown as QueryScope;
  };
  return { counts, createScope };
}

const table = { name: { table: 'a' }, schema: { fields: [] } } as unknown as EngineTable;

describe('scopes that are opened on demand', () => {
  it('are few, however many datasets use theirs one after the other', async () => {
    const opener = createOpener();
    const scopes = Array.from({ length: 200 }, () => new OnDemandScope(table, opener));
    for (const scope of scopes) {
      await scope.use(async () => undefined);
      await expect.poll(() => opener.counts.open).toBeLessThanOrEqual(8);
    }
    expect(opener.counts.opened).toBe(200);
    await Promise.all(scopes.map((scope) => scope[Symbol.asyncDispose]()));
    expect(opener.counts.open).toBe(0);
  });

  it('stay open while they are used, and for the next use', async () => {
    const opener = createOpener();
    const scope = new OnDemandScope(table, opener);
    await Promise.all([scope.use(async () => undefined), scope.use(async () => undefined)]);
    await scope.use(async () => undefined);
    expect(opener.counts).toEqual({ opened: 1, open: 1 });
    let end: () => void = () => {};
    const used = scope.use(() => new Promise<void>((resolve) => (end = resolve)));
    await scope[Symbol.asyncDispose]();
    expect(opener.counts.open).toBe(1);
    end();
    await used;
    await expect.poll(() => opener.counts.open).toBe(0);
  });

  it('are opened again after they could not be', async () => {
    const opener = createOpener();
    let isBroken = true;
    const createScope = async () => {
      if (isBroken) throw new Error('broken');
      return opener.createScope();
    };
    await using scope = new OnDemandScope(table, { createScope });
    await expect(scope.use(async () => undefined)).rejects.toThrow('broken');
    isBroken = false;
    await scope.use(async () => undefined);
    expect(opener.counts.open).toBe(1);
  });
});
