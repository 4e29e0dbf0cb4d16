import type { MemoryShare } from '@millrace/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { SharedMemory } from './shared-memory.ts';

const MIB = 2 ** 20;

/** An engine that holds on to some bytes, below which it cannot be limited. */
class Engine {
  limitBytes = 0;
  pinnedBytes = 0;
  readonly limits: number[] = [];
  share: MemoryShare | undefined;

  async open(budget: Pick<SharedMemory, 'share'>, request: { minMib: number; maxMib?: number; setting?: string }) {
    this.share = await budget.share({
      component: 'engine',
      minBytes: request.minMib * MIB,
      ...(request.maxMib === undefined ? {} : { maxBytes: request.maxMib * MIB }),
      ...(request.setting === undefined ? {} : { setting: request.setting }),
      apply: async (bytes) => {
        // Another change must not come in between.
        await new Promise((resolve) => setImmediate(resolve));
        if (bytes < this.pinnedBytes) throw new Error('pinned');
        this.limitBytes = bytes;
        this.limits.push(bytes);
        this.check();
      },
      readUse: async () => ({ usedBytes: this.pinnedBytes, spilledBytes: 5 }),
    });
    this.limitBytes = this.share.bytes;
    return this;
  }

  check: () => void = () => undefined;
}

let memory: SharedMemory;
let engine: Engine;

function reservedMib(): number {
  return memory.status().components.reduce((total, { reservedBytes }) => total + reservedBytes, 0) / MIB;
}

beforeEach(async () => {
  memory = new SharedMemory(1024 * MIB);
  engine = await new Engine().open(memory.forMain(), { minMib: 64 });
});

describe('SharedMemory', () => {
  it('divides anew when engines open and close', async () => {
    expect(engine.limitBytes / MIB).toBe(1024);
    const first = await new Engine().open(memory, { minMib: 32 });
    expect([engine.limitBytes, first.limitBytes].map((bytes) => bytes / MIB)).toEqual([528, 496]);
    const second = await new Engine().open(memory, { minMib: 32, maxMib: 100 });
    expect([engine, first, second].map(({ limitBytes }) => limitBytes / MIB)).toEqual([512, 412, 100]);
    await first.share?.release();
    await first.share?.release();
    expect([engine, second].map(({ limitBytes }) => limitBytes / MIB)).toEqual([924, 100]);
    await second.share?.release();
    expect(engine.limitBytes / MIB).toBe(1024);
  });

  it('takes from engines what others hold, and gives it back', async () => {
    const hold = await memory.hold({ component: 'dataset a', bytes: 0 });
    await hold.resize(300 * MIB);
    expect(hold.bytes).toBe(300 * MIB);
    expect(engine.limitBytes / MIB).toBeLessThanOrEqual(724);
    expect(engine.limitBytes / MIB).toBeGreaterThan(700);
    await hold.resize(10 * MIB);
    expect(engine.limitBytes / MIB).toBe(1014);
    await hold.release();
    expect(engine.limitBytes / MIB).toBe(1024);
  });

  it('has limits of whole bytes', async () => {
    engine.pinnedBytes = 1000 * MIB;
    const hold = await memory.hold({ component: 'dataset a', bytes: 0.5 });
    await hold.resize(20 * MIB + 0.25);
    expect(hold.bytes).toBe(20 * MIB + 1);
    for (const limit of engine.limits) expect(Number.isInteger(limit)).toBe(true);
    expect(engine.limits.length).toBeGreaterThan(0);
  });

  it('changes limits in steps, not with every request', async () => {
    const hold = await memory.hold({ component: 'dataset a', bytes: 0 });
    for (let bytes = 0; bytes <= 8 * MIB; bytes += 1000) await hold.resize(bytes);
    expect(engine.limits.length).toBeLessThanOrEqual(4);
  });

  it('refuses what would leave engines less than they need, and keeps what was held', async () => {
    const hold = await memory.hold({ component: 'dataset a', bytes: 500 * MIB });
    await expect(hold.resize(961 * MIB)).rejects.toMatchObject({
      code: 'resource_exhausted',
      component: 'dataset a',
      retryable: true,
      message: expect.stringMatching(/461 MiB more are wanted than runtime.memory_limit leaves: of 1 GiB/),
      hint: expect.stringContaining('Raise runtime.memory_limit'),
    });
    expect(hold.bytes).toBe(500 * MIB);
    await hold.resize(960 * MIB);
    expect(engine.limitBytes).toBe(64 * MIB);
    await expect(memory.hold({ component: 'dataset b', bytes: 1 })).rejects.toMatchObject({
      code: 'resource_exhausted',
    });
    await expect(new Engine().open(memory, { minMib: 1 })).rejects.toMatchObject({ code: 'resource_exhausted' });
    expect(memory.status().refusalCount).toBe(3);
    await hold.resize(0);
    await memory.hold({ component: 'dataset b', bytes: MIB });
    expect(reservedMib()).toBe(1024);
  });

  it('takes what others have set aside in advance before it refuses', async () => {
    const holds = await Promise.all(
      Array.from({ length: 10 }, (_, index) => memory.hold({ component: `dataset ${index}`, bytes: 90 * MIB })),
    );
    await holds[0]!.resize(150 * MIB);
    expect(engine.limitBytes).toBe(64 * MIB);
  });

  it('hands out nothing that an engine holds on to', async () => {
    engine.pinnedBytes = 1000 * MIB;
    const hold = await memory.hold({ component: 'dataset a', bytes: 0 });
    await hold.resize(20 * MIB);
    expect(engine.limitBytes / MIB).toBeGreaterThanOrEqual(1000);
    await expect(hold.resize(100 * MIB)).rejects.toMatchObject({ code: 'resource_exhausted', retryable: true });
    await expect(new Engine().open(memory, { minMib: 32 })).rejects.toMatchObject({ code: 'resource_exhausted' });
    expect(reservedMib()).toBeLessThanOrEqual(1024);
    engine.pinnedBytes = 0;
    await hold.resize(100 * MIB);
    expect(hold.bytes).toBe(100 * MIB);
  });

  it('lets a new engine have its least where no more can be had', async () => {
    engine.pinnedBytes = 980 * MIB;
    const other = await new Engine().open(memory, { minMib: 32 });
    expect(other.limitBytes / MIB).toBeGreaterThanOrEqual(32);
    expect(engine.limitBytes + other.limitBytes).toBeLessThanOrEqual(1024 * MIB);
  });

  it('says which settings cannot be true together', async () => {
    const request = { minMib: 500, maxMib: 500, setting: 'duckdb_memory_limit' };
    const limited = await new Engine().open(memory, request);
    expect(limited.limitBytes).toBe(500 * MIB);
    const setting = 'arrow_memory_limit';
    await memory.hold({ component: 'dataset a', bytes: 400 * MIB, setting });
    await expect(memory.hold({ component: 'dataset b', bytes: 61 * MIB, setting })).rejects.toMatchObject({
      code: 'invalid_config',
      component: 'dataset b',
      message: expect.stringMatching(/arrow_memory_limit asks for 61 MiB, .* 1 GiB of runtime.memory_limit .* 60 MiB/),
    });
    await expect(new Engine().open(memory, { ...request, minMib: 61, maxMib: 61 })).rejects.toMatchObject({
      code: 'invalid_config',
    });
    await memory.hold({ component: 'dataset b', bytes: 60 * MIB, setting });
    expect([engine, limited].map(({ limitBytes }) => limitBytes / MIB)).toEqual([64, 500]);
  });

  it('never hands out more than there is, whatever comes at the same time', async () => {
    let most = 0;
    let refusalCount = 0;
    const refused = (error: unknown): undefined => {
      expect(error).toMatchObject({ code: 'resource_exhausted' });
      refusalCount += 1;
    };
    engine.check = () => {
      most = Math.max(most, reservedMib());
    };
    const work = Array.from({ length: 12 }, async (_, index) => {
      const hold = await memory.hold({ component: `dataset ${index}`, bytes: 0 });
      for (let step = 1; step <= 10; step += 1) {
        await hold.resize(step * (index + 1) * 1_700_001).catch(refused);
        most = Math.max(most, reservedMib());
      }
      const other = await new Engine().open(memory, { minMib: 8, maxMib: 50 }).catch(refused);
      most = Math.max(most, reservedMib());
      await hold.release();
      await other?.share?.release();
    });
    await Promise.all(work);
    expect(refusalCount).toBeGreaterThan(0);
    expect(memory.status().refusalCount).toBe(refusalCount);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(1024);
    expect(engine.limitBytes).toBe(1024 * MIB);
  });

  it('shows components with what they hold', async () => {
    engine.pinnedBytes = 7;
    await memory.hold({ component: 'dataset a', bytes: 3, setting: 'arrow_memory_limit' });
    expect(memory.status().components).toContainEqual({
      component: 'engine',
      reservedBytes: engine.limitBytes,
      usedBytes: 0,
      spilledBytes: 0,
    });
    const { components, limitBytes } = await memory.readStatus();
    expect(limitBytes).toBe(1024 * MIB);
    expect(components).toEqual([
      { component: 'engine', reservedBytes: engine.limitBytes, usedBytes: 7, spilledBytes: 5 },
      { component: 'dataset a', reservedBytes: 3, usedBytes: 3, spilledBytes: 0 },
    ]);
  });
});
