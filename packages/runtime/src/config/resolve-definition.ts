import { openEnvironment } from '../secrets/environment.ts';
import type { SecretRedactor } from '../secrets/secret-redactor.ts';
import { checkDependencies } from './check-dependencies.ts';
import { checkShape } from './check-shape.ts';
import type { ConfigContext } from './config-context.ts';
import type { DatasetInput } from './config-input.ts';
import type { CatalogConfig, ConfigWarning, DatasetConfig, ViewConfig } from './config-model.ts';
import { nodeAt, toPlainValue } from './config-node.ts';
import { ConfigReport } from './config-problem.ts';
import { readObject } from './read-object.ts';
import { resolveCatalogNames } from './resolve-catalog-names.ts';
import { resolveDataset } from './resolve-dataset.ts';
import { resolveNames } from './resolve-names.ts';
import { toNameKey } from './table-name.ts';

/** What a definition is to stand beside. */
export interface DefinitionSurroundings {
  readonly datasets: readonly DatasetConfig[];
  readonly views: readonly ViewConfig[];
  readonly catalogs: readonly CatalogConfig[];
  readonly baseDirectory: string;
  readonly redactor: SecretRedactor;
}

/** A dataset's definition that passed every check which needs no plugin. */
export interface ResolvedDefinition {
  readonly dataset: DatasetConfig;
  readonly warnings: readonly ConfigWarning[];
}

/**
 * Reads and checks the definition of one dataset as if it stood in the configuration, in the place of one of its name where there is one.
 * @throws MillraceError as `loadConfig` does.
 */
export async function resolveDefinition(
  definition: DatasetInput,
  surroundings: DefinitionSurroundings,
): Promise<ResolvedDefinition> {
  const { views, catalogs, baseDirectory, redactor } = surroundings;
  const key = typeof definition?.name === 'string' ? toNameKey(definition.name) : undefined;
  const others = surroundings.datasets.filter(({ name }) => toNameKey(name.text) !== key);
  const root = readObject({
    datasets: [...others.map(({ name, from }) => ({ name: name.text, from: from.text })), definition],
    views: views.map(({ name, sql }) => ({ name: name.text, sql })),
    catalogs: catalogs.map(({ name, from }) => ({ name: `"${name.replaceAll('"', '""')}"`, from: from.text })),
  });
  const report = new ConfigReport();
  const environment = await openEnvironment({ directory: baseDirectory, variables: process.env });
  const shape = checkShape(root, report);
  const context: ConfigContext = { root, shape, report, secrets: { environment, redactor }, baseDirectory };
  const path = ['datasets', others.length];
  const names = resolveNames(root, report);
  resolveCatalogNames(root, names, report);
  const node = nodeAt(root, path);
  const input = (node?.kind === 'map' ? toPlainValue(node) : {}) as DatasetInput;
  const dataset = resolveDataset(context, { path, input, name: names.get('datasets', others.length) });
  if (dataset) checkDependencies([...others, dataset], report);
  report.throwIfAny();
  if (!dataset) throw new TypeError('a definition without problems has a result');
  return { dataset, warnings: report.warnings };
}
