import { openEnvironment } from '../secrets/environment.ts';
import type { SecretRedactor } from '../secrets/secret-redactor.ts';
import { checkDependencies } from './check-dependencies.ts';
import { checkShape } from './check-shape.ts';
import { checkViewDependencies } from './check-view-dependencies.ts';
import type { ConfigContext } from './config-context.ts';
import type { DatasetInput, ViewInput } from './config-input.ts';
import type { CatalogConfig, ConfigName, ConfigWarning, DatasetConfig, ViewConfig } from './config-model.ts';
import { type ConfigPath, nodeAt, toPlainValue } from './config-node.ts';
import { ConfigReport } from './config-problem.ts';
import { readObject } from './read-object.ts';
import { resolveCatalogNames } from './resolve-catalog-names.ts';
import { resolveDataset } from './resolve-dataset.ts';
import { resolveNames } from './resolve-names.ts';
import { resolveView } from './resolve-view.ts';
import { toNameKey } from './table-name.ts';

/** What a definition is to stand beside. */
export interface DefinitionSurroundings {
  readonly datasets: readonly DatasetConfig[];
  readonly views: readonly ViewConfig[];
  readonly catalogs: readonly CatalogConfig[];
  readonly baseDirectory: string;
  readonly redactor: SecretRedactor;
}

/** A definition that passed every check which needs no plugin. */
export interface ResolvedDefinition<Config> {
  readonly config: Config;
  readonly warnings: readonly ConfigWarning[];
}

/**
 * Reads and checks the definition of one dataset as if it stood in the configuration, in the place of one of its name where there is one.
 * @throws MillraceError as `loadConfig` does.
 */
export async function resolveDefinition(
  definition: DatasetInput,
  surroundings: DefinitionSurroundings,
): Promise<ResolvedDefinition<DatasetConfig>> {
  const others = withoutName(surroundings.datasets, definition);
  const entry = await openEntry({ list: 'datasets', definition, surroundings: { ...surroundings, datasets: others } });
  const { context, path, name } = entry;
  const config = resolveDataset(context, { path, input: entry.input as DatasetInput, name });
  if (config) checkDependencies([...others, config], context.report);
  return finish(config, context.report);
}

/**
 * As {@link resolveDefinition} for a view; the file that `sql_ref` names is read.
 * @throws MillraceError as `loadConfig` does.
 */
export async function resolveViewDefinition(
  definition: ViewInput,
  surroundings: DefinitionSurroundings,
): Promise<ResolvedDefinition<ViewConfig>> {
  const others = withoutName(surroundings.views, definition);
  const entry = await openEntry({ list: 'views', definition, surroundings: { ...surroundings, views: others } });
  const { context, path, name } = entry;
  const config = await resolveView(context, { path, input: entry.input as ViewInput, name });
  const all = [...surroundings.datasets, ...others, config].map((each) => each?.name);
  checkViewDependencies(context, { views: [config], names: all });
  return finish(config, context.report);
}

function withoutName<Config extends { readonly name: ConfigName }>(
  configs: readonly Config[],
  definition: { readonly name: string } | undefined,
): readonly Config[] {
  const key = typeof definition?.name === 'string' ? toNameKey(definition.name) : undefined;
  return configs.filter(({ name }) => toNameKey(name.text) !== key);
}

/** A definition as the last entry of a list of a configuration. */
async function openEntry(request: {
  readonly list: 'datasets' | 'views';
  readonly definition: DatasetInput | ViewInput;
  readonly surroundings: DefinitionSurroundings;
}): Promise<{
  readonly context: ConfigContext;
  readonly path: ConfigPath;
  readonly name: ConfigName | undefined;
  readonly input: unknown;
}> {
  const { list, definition, surroundings } = request;
  const { datasets, views, catalogs, baseDirectory, redactor } = surroundings;
  const lists = {
    datasets: datasets.map(({ name, from }): object => ({ name: name.text, from: from.text })),
    views: views.map(({ name, sql }): object => ({ name: name.text, sql })),
  };
  const index = lists[list].length;
  lists[list].push(definition);
  const root = readObject({
    ...lists,
    catalogs: catalogs.map(({ name, from }) => ({ name: `"${name.replaceAll('"', '""')}"`, from: from.text })),
  });
  const report = new ConfigReport();
  const environment = await openEnvironment({ directory: baseDirectory, variables: process.env });
  const shape = checkShape(root, report);
  const context: ConfigContext = { root, shape, report, secrets: { environment, redactor }, baseDirectory };
  const path = [list, index];
  const names = resolveNames(root, report);
  resolveCatalogNames(root, names, report);
  const node = nodeAt(root, path);
  return { context, path, name: names.get(list, index), input: node?.kind === 'map' ? toPlainValue(node) : {} };
}

function finish<Config>(config: Config | undefined, report: ConfigReport): ResolvedDefinition<Config> {
  report.throwIfAny();
  if (!config) throw new TypeError('a definition without problems has a result');
  return { config, warnings: report.warnings };
}
