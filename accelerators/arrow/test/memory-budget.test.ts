import { batchFromColumns } from '@millrace/arrow';
import { createMemoryTable } from '@millrace/connector-memory';
import {
  type AcceleratedTable,
  type CreateTableCommand,
  type DataAccelerator,
  dataTypes,
  type Expr,
  field,
  type GivenParameter,
  type MemoryBudget,
  type MemoryHoldRequest,
  MillraceError,
  type RecordBatch,
  resolveParameters,
  type Schema,
} from '@millrace/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { arrowAccelerator } from '../src/index.ts';
import { CONTEXT, refresh, scan } from './open-table.ts';

const schema: Schema = { fields: [field('i', dataTypes.int32()), field('v', dataTypes.int32())] };
const BYTES_PER_ROW = 8;
const COMMAND: CreateTableCommand = {
  name: { table: 'orders' },
  schema,
  mode: 'memory',
  definitionHash: 'h',
  refreshMode: 'full',
};

/** A window in which there is no row. */
const NEVER: Expr = {
  kind: 'call',
  function: 'lt',
  args: [
    { kind: 'column', path: ['i'], type: dataTypes.int32() },
    { kind: 'literal', value: 0, type: dataTypes.int32() },
  ],
  type: dataTypes.bool(),
};

/** A budget for one holder. */
class OneHold implements MemoryBudget {
  totalBytes: number;
  request: MemoryHoldRequest | undefined;
  bytes = 0;
  mostBytes = 0;
  isReleased = false;

  constructor(totalBytes: number) {
    this.totalBytes = totalBytes;
  }

  async hold(request: MemoryHoldRequest) {
    this.request = request;
    const resize = async (bytes: number): Promise<void> => {
      if (bytes > this.totalBytes)
        throw new MillraceError({
          code: 'resource_exhausted',
          component: request.component,
          message: 'there is no more',
          hint: 'Get more',
          retryable: true,
        });
      this.bytes = bytes;
      this.mostBytes = Math.max(this.mostBytes, bytes);
    };
    await resize(request.bytes);
    const release = async () => {
      this.isReleased = true;
    };
    return { component: request.component, bytes: 0, resize, release };
  }

  share(): never {
    throw new TypeError('batches have no limit');
  }
}

let budget: OneHold;
let accelerator: DataAccelerator;

async function open(command: CreateTableCommand, texts: Readonly<Record<string, string>> = {}) {
  const given = new Map<string, GivenParameter>(Object.entries(texts).map(([key, text]) => [key, { text }]));
  const { parameters: specs, prefix } = arrowAccelerator;
  const parameters = resolveParameters({ specs, prefix, given, component: 'test', connector: 'arrow' });
  accelerator = await arrowAccelerator.create(parameters, {
    signal: CONTEXT.signal,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    baseDirectory: '/',
    dataDirectory: '/nowhere',
    memory: budget,
  });
  await accelerator.init(command, CONTEXT);
  return accelerator.createExternalTable(command, createMemoryTable({ schema, rows: [] }), [], CONTEXT);
}

function rowsFrom(start: number, rowCount: number): RecordBatch {
  const numbers = Int32Array.from({ length: rowCount }, (_, row) => start + row);
  return batchFromColumns(schema, [numbers, new Int32Array(rowCount)]);
}

async function rowCountOf(table: AcceleratedTable): Promise<number> {
  return (await scan(table)).reduce((total, { numRows }) => total + numRows, 0);
}

beforeEach(() => {
  budget = new OneHold(10_000_000);
});

describe('a copy in a shared budget of memory', () => {
  it('holds its rows, and while it is refreshed the new ones beside them', async () => {
    const table = await open(COMMAND);
    expect(budget.request).toEqual({ component: 'dataset orders', bytes: 0 });
    await refresh(table, [rowsFrom(0, 100_000)]);
    expect(budget.bytes).toBe(100_000 * BYTES_PER_ROW);
    await refresh(table, [rowsFrom(0, 50_000)]);
    expect(budget.mostBytes).toBe(150_000 * BYTES_PER_ROW);
    expect(budget.bytes).toBe(50_000 * BYTES_PER_ROW);
    await accelerator.shutdown();
    expect(budget.isReleased).toBe(true);
  });

  it('is refused what the others leave no room for, and serves the old rows', async () => {
    const table = await open(COMMAND);
    await refresh(table, [rowsFrom(0, 100_000)]);
    budget.totalBytes = 1_000_000;
    await expect(refresh(table, [rowsFrom(0, 100_000)])).rejects.toMatchObject({
      code: 'resource_exhausted',
      component: 'dataset orders',
      retryable: true,
      message: expect.stringMatching(/there is no more; the old rows stay/),
      hint: expect.stringContaining('Raise runtime.memory_limit'),
    });
    expect(budget.bytes).toBe(100_000 * BYTES_PER_ROW);
    expect(await rowCountOf(table)).toBe(100_000);
    budget.totalBytes = 10_000_000;
    await refresh(table, [rowsFrom(0, 10)]);
    expect(await rowCountOf(table)).toBe(10);
  });

  it('gives back what a refresh held that was aborted', async () => {
    const table = await open(COMMAND);
    await refresh(table, [rowsFrom(0, 1000)]);
    const session = await table.beginRefresh({ mode: { kind: 'overwrite' } }, CONTEXT);
    const writer = await session.writer();
    await writer.write(rowsFrom(0, 200_000));
    expect(budget.bytes).toBe(201_000 * BYTES_PER_ROW);
    await session.abort();
    expect(budget.bytes).toBe(1000 * BYTES_PER_ROW);
  });

  it('counts rows once that an append keeps', async () => {
    const table = await open({ ...COMMAND, refreshMode: 'append', primaryKey: ['i'] });
    await refresh(table, [rowsFrom(0, 200_000)]);
    const before = budget.bytes;
    budget.mostBytes = 0;
    await using session = await table.beginRefresh({ mode: { kind: 'overwrite_where', filters: [NEVER] } }, CONTEXT);
    const writer = await session.writer();
    await writer.write(rowsFrom(200_000, 1000));
    await writer.finish();
    await session.commit({ refreshedAtMs: 8, bootstrapComplete: true });
    expect(await rowCountOf(table)).toBe(201_000);
    expect(budget.mostBytes).toBeLessThan(before * 1.1);
  });

  it('has a limit of its own set aside from the beginning', async () => {
    const table = await open(COMMAND, { arrow_memory_limit: '4MB' });
    expect(budget.request).toEqual({ component: 'dataset orders', bytes: 4_000_000, setting: 'arrow_memory_limit' });
    await refresh(table, [rowsFrom(0, 1000)]);
    expect(budget.bytes).toBe(4_000_000);
  });

  it('is not opened where its limit is more than there is', async () => {
    budget.totalBytes = 1_000_000;
    await expect(open(COMMAND, { arrow_memory_limit: '4MB' })).rejects.toMatchObject({ code: 'resource_exhausted' });
    budget.totalBytes = 10_000_000;
    const source = createMemoryTable({ schema, rows: [] });
    const table = await accelerator.createExternalTable(COMMAND, source, [], CONTEXT);
    expect(await rowCountOf(table)).toBe(0);
  });
});
