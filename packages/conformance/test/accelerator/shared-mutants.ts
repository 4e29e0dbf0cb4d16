import { type ConnectorPlugin, defineConnector, type TableProvider } from '@millrace/core';
import { sharedCheckId } from '../../src/accelerator/checks/query-checks.ts';
import { ACCELERATOR_CHECKS } from '../../src/index.ts';
import { resolveGiven } from '../../src/open-connector.ts';
import { CATALOG_MUTANTS } from '../catalog-mutants.ts';
import { CONNECTOR_MUTANTS } from '../connector-mutants.ts';
import { FILTER_MUTANTS } from '../filter-mutants.ts';
import type { Mutant } from '../mutate.ts';
import { createRemote } from '../remote.ts';
import { SCAN_MUTANTS } from '../scan-mutants.ts';
import { STAGE_MUTANTS } from '../stage-mutants.ts';
import { VALUE_MUTANTS } from '../value-mutants.ts';
import { type AcceleratorMutant, acceleratedMutant } from './mutate-accelerator.ts';

const CONNECTOR_MUTANTS_OF_TABLES: readonly Mutant[] = [
  ...SCAN_MUTANTS,
  ...VALUE_MUTANTS,
  ...FILTER_MUTANTS,
  ...STAGE_MUTANTS,
  ...CONNECTOR_MUTANTS,
  ...CATALOG_MUTANTS,
];

/** Broken tables of connectors as broken accelerated tables: one for each check that is asked of both. */
export function sharedMutants(covered: ReadonlySet<string>): AcceleratorMutant[] {
  const left = new Set(ACCELERATOR_CHECKS.map(({ id }) => id).filter((id) => !covered.has(id)));
  return CONNECTOR_MUTANTS_OF_TABLES.flatMap((mutant) => {
    const found = mutant.found.flatMap((id) =>
      (['table', 'queries'] as const).map((chapter) => sharedCheckId(chapter, { id })).filter((each) => left.has(each)),
    );
    if (found.length === 0) return [];
    for (const id of found) left.delete(id);
    return [acceleratedMutant(mutant.name, found, (table) => breakTable(mutant, table))];
  });
}

/** The table as the mutant's connector would show it. */
async function breakTable(mutant: Mutant, table: TableProvider): Promise<Partial<TableProvider>> {
  const plugin: ConnectorPlugin = defineConnector({
    id: 'broken',
    prefix: 'broken',
    parameters: [],
    create: () => ({ readProvider: async () => table, async close() {}, async [Symbol.asyncDispose]() {} }),
  });
  const broken = mutant.mutate(plugin, createRemote());
  const parameters = resolveGiven({ plugin } as Parameters<typeof resolveGiven>[0], {});
  const { signal } = new AbortController();
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const connector = await broken.create(parameters, { signal, logger, baseDirectory: '/' });
  const provider = await connector.readProvider({ name: 'broken', path: '', parameters }, { signal });
  return { schema: provider.schema, scan: (request, context) => provider.scan(request, context) };
}
