import { openEnvironment } from '../secrets/environment.ts';
import { SecretRedactor } from '../secrets/secret-redactor.ts';
import { checkDependencies } from './check-dependencies.ts';
import { checkShape } from './check-shape.ts';
import { checkViewDependencies } from './check-view-dependencies.ts';
import type { ConfigContext } from './config-context.ts';
import type { CatalogInput, DatasetInput, ViewInput } from './config-input.ts';
import type { ResolvedConfig } from './config-model.ts';
import { type ConfigNode, type ConfigPath, entryOf, nodeAt, toPlainValue } from './config-node.ts';
import { ConfigReport } from './config-problem.ts';
import { type ConfigSource, type ReadConfig, readConfigSource } from './config-source.ts';
import { resolveCaching } from './resolve-caching.ts';
import { resolveCatalog } from './resolve-catalog.ts';
import { resolveCatalogNames } from './resolve-catalog-names.ts';
import { resolveDataset } from './resolve-dataset.ts';
import { resolveMemoryLimit } from './resolve-memory-limit.ts';
import { resolveNames } from './resolve-names.ts';
import { resolveView } from './resolve-view.ts';

/** What loading may be given apart from the source. */
export interface LoadConfigOptions {
  /** The environment for `${env:NAME}`, before `.env.local` and `.env`. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Learns the values of all secrets in the configuration. Default: a new one. */
  readonly redactor?: SecretRedactor;
}

/**
 * Reads and checks a configuration: everything that can be known without a plugin and without a connection.
 *
 * All problems are found; a single one is thrown as it is, several as one error that lists them and has an
 * `AggregateError` of them as cause (see `configProblems`). Each has its place in the file, and none repeats a value.
 *
 * @throws MillraceError `unknown_field`, `not_yet_supported`, `already_exists` (names), `missing_parameter` (secrets),
 * `not_found` and `io` (files), and `invalid_config` for everything else and for several problems with different codes.
 */
export async function loadConfig(source: ConfigSource, options: LoadConfigOptions = {}): Promise<ResolvedConfig> {
  const read = await readConfigSource(source);
  const { root, file, baseDirectory } = read;
  const report = new ConfigReport();
  const redactor = options.redactor ?? new SecretRedactor();
  const environment = await openEnvironment({
    directory: baseDirectory,
    variables: options.environment ?? process.env,
  });
  for (const name of environment.unreadableFiles) report.warning(`${name} cannot be read and is left out`, undefined);
  checkVersion(read, report);
  const shape = checkShape(root, report);
  const context: ConfigContext = { root, shape, report, secrets: { environment, redactor }, baseDirectory };
  const names = resolveNames(root, report);
  const datasets = entriesOf(root, 'datasets').map(({ path, input }, index) =>
    resolveDataset(context, { path, input: input as DatasetInput, name: names.get('datasets', index) }),
  );
  const catalogNames = resolveCatalogNames(root, names, report);
  const catalogs = entriesOf(root, 'catalogs').map(({ path, input }, index) =>
    resolveCatalog(context, { path, input: input as CatalogInput, name: catalogNames.get(index) }),
  );
  const views = await Promise.all(
    entriesOf(root, 'views').map(({ path, input }, index) =>
      resolveView(context, { path, input: input as ViewInput, name: names.get('views', index) }),
    ),
  );
  checkDependencies(
    datasets.filter((dataset) => dataset !== undefined),
    report,
  );
  checkViewDependencies(context, { views, names: [...datasets, ...views].map((each) => each?.name) });
  const resultsCache = resolveCaching(context);
  const memoryLimit = resolveMemoryLimit(context);
  report.throwIfAny();
  const parallelism = nodeAt(root, ['runtime', 'dataset_load_parallelism']);
  const name = entryOf(root, 'name')?.value;
  return {
    version: 'v1',
    ...(name?.kind === 'scalar' ? { name: name.text } : {}),
    ...(file === undefined ? {} : { file }),
    baseDirectory,
    ...(parallelism?.kind === 'scalar' ? { datasetLoadParallelism: Number(parallelism.value) } : {}),
    ...(memoryLimit ? { memoryLimit } : {}),
    ...(resultsCache ? { resultsCache } : {}),
    datasets: datasets.filter((dataset) => dataset !== undefined),
    views: views.filter((view) => view !== undefined),
    catalogs: catalogs.filter((catalog) => catalog !== undefined),
    warnings: report.warnings,
    redactor,
  };
}

interface Entry {
  readonly path: ConfigPath;
  readonly input: unknown;
}

function entriesOf(root: ConfigNode, list: 'datasets' | 'views' | 'catalogs'): readonly Entry[] {
  const node = nodeAt(root, [list]);
  const items = node?.kind === 'list' ? node.items : [];
  return items.map((item, index) => ({ path: [list, index], input: item.kind === 'map' ? toPlainValue(item) : {} }));
}

function checkVersion({ root, file }: ReadConfig, report: ConfigReport): void {
  const entry = entryOf(root, 'version');
  if (!entry && file !== undefined && root.kind === 'map') {
    const hint = 'Begin the file with `version: v1`';
    report.problem({ code: 'invalid_config', message: '`version` is missing', hint, location: root.location });
  }
  if (entry?.value.kind === 'scalar' && entry.value.value === 'v1beta1') {
    report.warning('`version: v1beta1` is read as v1', entry.location);
  }
}
