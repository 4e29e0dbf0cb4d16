import { sliceBatch } from '@millrace/arrow';
import { CONNECTOR_CHECKS, runConnectorChecks } from '@millrace/conformance';
import { memoryConnector } from '@millrace/connector-memory';
import type { ConnectorPlugin, ExecutionPlan, ScanContext, ScanRequest, TableProvider } from '@millrace/core';
import { expect, test } from 'vitest';
import { runtimeEngine } from '../src/index.ts';
import { MEMORY_CAPABILITIES, openMemory } from './open-memory.ts';

type Scan = (table: TableProvider, request: ScanRequest, context: ScanContext) => Promise<ExecutionPlan>;

/** Sends another request to the source, and claims what the right one would have got. */
const requesting =
  (change: (request: ScanRequest) => ScanRequest): Scan =>
  async (table, request, context) => {
    const [honest, plan] = [await table.scan(request, context), await table.scan(change(request), context)];
    return { ...plan, applied: honest.applied };
  };

const losingRow =
  (applies: (request: ScanRequest) => boolean): Scan =>
  async (table, request, context) => {
    const plan = await table.scan(request, context);
    if (!applies(request)) return plan;
    return {
      ...plan,
      async *execute(partition, inner) {
        let isFirst = true;
        for await (const batch of plan.execute(partition, inner)) {
          yield isFirst && batch.numRows > 0 ? sliceBatch(batch, 1, batch.numRows) : batch;
          isFirst = false;
        }
      },
    };
  };

/** Connectors that only SQL can tell from right ones, and the topics that have to. */
const MUTANTS: readonly { readonly name: string; readonly found: readonly string[]; readonly scan: Scan }[] = [
  {
    name: 'loses a row of filtered scans',
    found: ['comparisons', 'nulls', 'text', 'arithmetic', 'time', 'joins', 'subqueries'],
    scan: losingRow(({ filters }) => filters.length > 0),
  },
  {
    name: 'loses a row of every scan',
    found: ['aggregates', 'text-aggregates', 'joins', 'limits'],
    scan: losingRow(() => true),
  },
  {
    name: 'gives a row less than the limit',
    found: ['limits', 'nested-limits'],
    scan: requesting((request) => ({
      ...request,
      ...(request.limit !== undefined && request.limit > 0n && { limit: request.limit - 1n }),
    })),
  },
  {
    name: 'puts nulls at the other end of an order',
    found: ['top-rows'],
    scan: requesting(({ order, ...request }) => ({
      ...request,
      ...(order && { order: order.map((key) => ({ ...key, nullsFirst: !key.nullsFirst })) }),
    })),
  },
];

test.each(MUTANTS)('a connector that $name is found', { timeout: 300_000 }, async ({ name, found, scan }) => {
  const ids = found.map((id) => `sql/${id}`);
  const suite = {
    name,
    capabilities: MEMORY_CAPABILITIES,
    open: () => openMemory(mutant(scan)),
    engine: runtimeEngine,
  };
  const { results } = await runConnectorChecks(suite, ids);
  const missed = results.filter(({ outcome }) => outcome.kind !== 'failed');
  expect(missed.map(({ check, outcome }) => `${check.id}: ${JSON.stringify(outcome)}`)).toEqual([]);
});

test('there is one for every topic', () => {
  const found = new Set(MUTANTS.flatMap((each) => each.found.map((id) => `sql/${id}`)));
  const topics = CONNECTOR_CHECKS.filter(({ chapter }) => chapter === 'sql').map(({ id }) => id);
  expect(topics.filter((id) => !found.has(id))).toEqual([]);
});

/** The memory connector with other scans, and without the native relation that would bypass them. */
function mutant(scan: Scan): ConnectorPlugin {
  return {
    ...memoryConnector,
    async create(parameters, context) {
      const connector = await memoryConnector.create(parameters, context);
      return {
        ...connector,
        async readProvider(dataset, inner) {
          const { nativeRelation: _, ...table } = await connector.readProvider(dataset, inner);
          return { ...table, scan: (request, scanning) => scan(table, request, scanning) };
        },
      };
    },
  };
}
