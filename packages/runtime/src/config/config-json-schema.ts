import { z } from 'zod';
import { type ConfigSection, configSchema } from './config-schema.ts';
import { type ConfigPlugin, type JsonSchema, paramsJsonSchema, requiredKeys } from './parameter-json-schema.ts';

/** The plugins that the schema knows. */
export interface ConfigJsonSchemaRequest {
  readonly connectors: readonly ConfigPlugin[];
  readonly accelerators: readonly ConfigPlugin[];
}

/**
 * The JSON Schema (draft 2020-12) of `millrace.yaml`, for editors and `millrace schema`.
 *
 * Parameters are those of the plugin that `from` or `engine` names; with an empty list of plugins any name is taken,
 * and any parameter. Loading checks more than a schema can say: names, durations, secrets, files.
 */
export function configJsonSchema({ connectors, accelerators }: ConfigJsonSchemaRequest): JsonSchema {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-2020-12', io: 'input' }) as JsonSchema;
  const sections = schema.$defs as Readonly<Record<ConfigSection, JsonSchema>>;
  return {
    ...schema,
    title: 'Millrace configuration',
    required: ['version'],
    $defs: {
      ...sections,
      dataset: { ...sections.dataset, ...choice('from', connectors.map(toFromBranch)) },
      catalog: { ...sections.catalog, ...catalogChoice(connectors) },
      acceleration: { ...sections.acceleration, ...choice('engine', accelerators.map(toEngineBranch)) },
      view: { ...sections.view, oneOf: [{ required: ['sql'] }, { required: ['sql_ref'] }] },
    },
  };
}

/** In a catalog, what a connector requires may stand in either block of parameters. */
function catalogChoice(connectors: readonly ConfigPlugin[]): JsonSchema {
  if (connectors.length === 0) return {};
  const branches = connectors.map(toFromBranch);
  return {
    allOf: [
      { properties: { from: { anyOf: branches.map(({ condition }) => condition) } } },
      ...branches.map(({ plugin, condition }) => {
        const { required: _, ...params } = paramsJsonSchema(plugin);
        const either = { ...params, type: ['object', 'null'] };
        return {
          if: { properties: { from: condition }, required: ['from'] },
          // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema; nobody awaits a schema.
          then: { properties: { params: either, dataset_params: either } },
        };
      }),
    ],
  };
}

/** One plugin: how the deciding field looks when it names it, and what then holds for `params`. */
interface Branch {
  readonly plugin: ConfigPlugin;
  readonly condition: JsonSchema;
}

function toFromBranch(plugin: ConfigPlugin): Branch {
  const names = [plugin.id, ...(plugin.aliases ?? [])].map((name) => name.replaceAll(/[.-]/g, '\\$&'));
  return { plugin, condition: { type: 'string', pattern: `^(${names.join('|')})(:|$)` } };
}

function toEngineBranch(plugin: ConfigPlugin): Branch {
  return { plugin, condition: { enum: [plugin.id, ...(plugin.aliases ?? [])] } };
}

function choice(field: 'from' | 'engine', branches: readonly Branch[]): JsonSchema {
  if (branches.length === 0) return {};
  const known = { properties: { [field]: { anyOf: branches.map(({ condition }) => condition) } } };
  return {
    allOf: [
      known,
      ...branches.map(({ plugin, condition }) => ({
        if: { properties: { [field]: condition }, ...toPresence(field, plugin) },
        // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema; nobody awaits a schema.
        then: {
          properties: { params: paramsJsonSchema(plugin) },
          ...(requiredKeys(plugin).length > 0 ? { required: ['params'] } : {}),
        },
      })),
    ],
  };
}

const DEFAULT_ENGINE = 'arrow';

/**
 * A condition in `properties` holds for an absent field, too: right for the engine that is meant when none is named,
 * and for no other.
 */
function toPresence(field: 'from' | 'engine', { id }: ConfigPlugin): JsonSchema {
  return field === 'engine' && id === DEFAULT_ENGINE ? {} : { required: [field] };
}
