import {
  type GivenParameter,
  isMillraceError,
  MillraceError,
  resolveParameters,
  type SourceLocation,
} from '@millrace/core';
import { discoverPlugins, type PluginKind, type PluginRegistry, unknownPluginError } from '@millrace/core/registry';
import type { CatalogConfig, DatasetConfig, Located, ResolvedConfig } from '@millrace/runtime';
import type { CommandContext } from '../command-context.ts';
import { loadRuntimeModule } from '../host/runtime-module.ts';
import { separateErrors } from '../output/separate-errors.ts';
import { writeChunks } from '../output/write-chunks.ts';

/**
 * Checks the configuration, its SQL and the parameters of the plugins that it names, without running plugin code and without
 * connecting to anything.
 *
 * @throws MillraceError what is wrong, all of it: several problems are one error whose cause is an `AggregateError` of them.
 */
export async function runValidate({ io, configPath, hostRoot }: CommandContext): Promise<void> {
  const { checkConfigSql, loadConfig } = await loadRuntimeModule(hostRoot);
  const config = await loadConfig({ configPath });
  for (const { message, location } of config.warnings) {
    const place = location === undefined ? '' : `${location.file}:${location.line}:${location.column}: `;
    io.stderr.write(`warning: ${place}${message}\n`);
  }
  const warn = (message: string) => io.stderr.write(`warning: ${config.redactor.redact(message)}\n`);
  const problems = [
    ...(await checkPlugins(config, discoverPlugins({ hostRoot }), warn)),
    ...(await checkConfigSql(config)),
  ];
  if (problems.length > 0) throw toOneError(problems);
  const { datasets, views, catalogs } = config;
  const counts = [count(datasets, 'dataset'), count(views, 'view')];
  if (catalogs.length > 0) counts.push(count(catalogs, 'catalog'));
  await writeChunks(io.stdout, [`${configPath} is valid: ${counts.join(', ')}\n`]);
}

async function checkPlugins(
  config: ResolvedConfig,
  registry: PluginRegistry,
  warn: (message: string) => void,
): Promise<readonly MillraceError[]> {
  const found = await Promise.all([
    ...config.datasets.map((dataset) => checkDataset(dataset, registry, warn)),
    ...config.catalogs.map((catalog) => checkCatalog(catalog, registry, warn)),
  ]);
  return found.flat();
}

async function checkDataset(
  dataset: DatasetConfig,
  registry: PluginRegistry,
  warn: (message: string) => void,
): Promise<readonly MillraceError[]> {
  const { from, acceleration } = dataset;
  const uses: PluginUse[] = [{ kind: 'connector', id: from.connector, field: 'from', params: dataset.params }];
  if (acceleration?.enabled === true) {
    const { engine: id, params } = acceleration;
    uses.push({ kind: 'accelerator', id, field: 'acceleration.engine', params });
  }
  const owner = { component: `dataset ${dataset.name.text}`, location: dataset.location };
  const problems = await Promise.all(uses.map((use) => checkUse(use, owner, registry, warn)));
  return problems.flat();
}

function checkCatalog(
  catalog: CatalogConfig,
  registry: PluginRegistry,
  warn: (message: string) => void,
): Promise<readonly MillraceError[]> {
  const { name, from, params, location } = catalog;
  const use: PluginUse = { kind: 'connector', id: from.connector, field: 'from', params };
  return checkUse(use, { component: `catalog ${name}`, location }, registry, warn);
}

/** What uses a plugin: a dataset or a catalog. */
interface PluginOwner extends Located {
  readonly component: string;
}

/** A plugin as a dataset or a catalog uses it. */
interface PluginUse {
  readonly kind: PluginKind;
  readonly id: string;
  /** The field that names it. */
  readonly field: string;
  readonly params: ReadonlyMap<string, GivenParameter>;
}

async function checkUse(
  { kind, id, field, params }: PluginUse,
  owner: PluginOwner,
  registry: PluginRegistry,
  onDeprecated: (message: string) => void,
): Promise<readonly MillraceError[]> {
  const { component } = owner;
  const location = owner.location(field);
  const place = location === undefined ? {} : { location };
  const entry = registry.find(kind, id);
  if (entry === undefined) return [unknownPluginError({ kind, id, registry, component, ...place })];
  try {
    const [prefix, specs] = await Promise.all([entry.prefix(), entry.parameters()]);
    resolveParameters({ specs, prefix, given: params, component, connector: entry.id, onDeprecated });
    return [];
  } catch (error) {
    if (isMillraceError(error)) return separateErrors(error).map((problem) => locate(problem, location));
    throw error;
  }
}

/** What is missing stands nowhere; the place of what lacks it is the next best. */
function locate(problem: MillraceError, location: SourceLocation | undefined): MillraceError {
  if (problem.location !== undefined || location === undefined) return problem;
  const { code, component, connector, reason, hint } = problem;
  return new MillraceError({
    code,
    component,
    message: reason,
    location,
    cause: problem,
    ...(connector === undefined ? {} : { connector }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function toOneError(problems: readonly MillraceError[]): MillraceError {
  if (problems.length === 1) return problems[0]!;
  return new MillraceError({
    code: 'invalid_config',
    component: 'configuration',
    message: `${problems.length} problems`,
    cause: new AggregateError(problems),
  });
}

function count(list: readonly unknown[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? '' : 's'}`;
}
