import { holdsSecretReference } from '../secrets/secret-reference.ts';
import { isColumnTypeText } from './column-type.ts';
import type { ConfigContext } from './config-context.ts';
import type { ColumnInput, DatasetInput } from './config-input.ts';
import type { ColumnConfig, ConfigName, DatasetConfig, DatasetFrom } from './config-model.ts';
import { type ConfigPath, locationAt, locationInText } from './config-node.ts';
import { placeOf } from './config-place.ts';
import { parseDatasetFrom } from './dataset-from.ts';
import { resolveAcceleration } from './resolve-acceleration.ts';
import { resolveParams } from './resolve-params.ts';
import { reportSchemaChange } from './schema-change-fields.ts';

/** One entry of `datasets`; fields whose shape is not sound are not read. */
export interface DatasetEntry {
  readonly path: ConfigPath;
  readonly input: DatasetInput;
  /** Undefined when the name was refused, and reported, already. */
  readonly name: ConfigName | undefined;
}

/**
 * Checks everything in a dataset but its name and reports every problem; the result is whole when nothing was
 * reported.
 */
export function resolveDataset(context: ConfigContext, { path, input, name }: DatasetEntry): DatasetConfig | undefined {
  const from = resolveFrom(context, [...path, 'from'], input.from);
  const params = resolveParams(context, [...path, 'params']);
  const columns = resolveColumns(context, [...path, 'columns'], input.columns);
  const acceleration = resolveAcceleration(context, {
    path: [...path, 'acceleration'],
    input: input.acceleration,
    time: input.time_column === undefined ? 'none' : 'column',
    name,
  });
  reportFormatAlone(context, path, input);
  reportReadyStateAlone(context, path, input);
  reportSchemaChange(context, path, input);
  if (!from || !name) return undefined;
  return {
    from,
    name,
    params,
    ...(input.description === undefined ? {} : { description: input.description }),
    ...(input.unsupported_type_action === undefined ? {} : { unsupportedTypeAction: input.unsupported_type_action }),
    ...(columns ? { columns } : {}),
    ...(input.time_column === undefined ? {} : { timeColumn: input.time_column }),
    ...(input.time_format === undefined ? {} : { timeFormat: input.time_format }),
    ...(input.ready_state === undefined ? {} : { readyState: input.ready_state }),
    ...(input.on_schema_change === undefined ? {} : { onSchemaChange: input.on_schema_change }),
    ...(input.depends_on?.length ? { dependsOn: input.depends_on } : {}),
    ...(acceleration ? { acceleration } : {}),
    location: (field, at) => {
      const steps = [...path, ...toFieldSteps(field)];
      return at ? locationInText(context.root, steps, at) : locationAt(context.root, steps);
    },
  };
}

/**
 * The steps of a field's name, `acceleration.engine`; all behind `params.` is one step, as a parameter's name may
 * hold dots.
 */
export function toFieldSteps(field: string | undefined): ConfigPath {
  if (field === undefined || field === '') return [];
  const match = /^((?:acceleration\.)?params|dataset_params)\.(.+)$/.exec(field);
  return match?.[1] && match[2] ? [...match[1].split('.'), match[2]] : field.split('.');
}

/** Reads `from` of a dataset or catalog; undefined when it is wrong, which is reported. */
export function resolveFrom(context: ConfigContext, path: ConfigPath, text: string): DatasetFrom | undefined {
  if (!context.shape.isSound(path)) return undefined;
  const place = placeOf(context.root, path);
  if (holdsSecretReference(text)) {
    const message = `references like \${env:NAME} are not substituted in \`from\``;
    context.report.problem({ ...place, code: 'invalid_config', message, hint: 'They belong in `params`' });
    return undefined;
  }
  const from = parseDatasetFrom(text);
  if (!from) {
    const hint = 'Write connector:path, for example file:data/orders.csv';
    context.report.problem({ ...place, code: 'invalid_config', message: '`from` names no connector', hint });
  }
  return from;
}

/** Reports a `time_format` that has nothing to say the format of. */
export function reportFormatAlone(
  context: ConfigContext,
  path: ConfigPath,
  input: Pick<DatasetInput, 'time_column' | 'time_format'>,
): void {
  if (input.time_format === undefined || input.time_column !== undefined) return;
  context.report.problem({
    ...placeOf(context.root, [...path, 'time_format']),
    code: 'invalid_config',
    message: '`time_format` needs `time_column`',
    hint: 'Name the column, or remove the format',
  });
}

/** Reports a `ready_state` where there is no copy to be ready. */
export function reportReadyStateAlone(
  context: ConfigContext,
  path: ConfigPath,
  input: Pick<DatasetInput, 'ready_state' | 'acceleration'>,
): void {
  if (input.ready_state === undefined || input.acceleration !== undefined) return;
  context.report.problem({
    ...placeOf(context.root, [...path, 'ready_state']),
    code: 'invalid_config',
    message: '`ready_state` has no meaning without `acceleration`',
    hint: 'Remove it: the dataset is read from its source at every query',
  });
}

/** Reads declared columns; undefined where there are none, or their shape is not sound. */
export function resolveColumns(
  context: ConfigContext,
  path: ConfigPath,
  columns: readonly ColumnInput[] | null | undefined,
): readonly ColumnConfig[] | undefined {
  if (!columns || !context.shape.isSound(path)) return undefined;
  const seen = new Map<string, string>();
  return columns.map(({ name, type, nullable = true, description }, index) => {
    const earlier = seen.get(name.toLowerCase());
    if (earlier !== undefined) {
      const message = `column ${name} stands twice`;
      const hint = earlier === name ? undefined : 'Names that differ only by case are one name in SQL';
      context.report.problem({
        ...placeOf(context.root, [...path, index, 'name']),
        code: 'invalid_config',
        message,
        hint,
      });
    }
    seen.set(name.toLowerCase(), name);
    if (!isColumnTypeText(type)) {
      const message = `the type of column ${name} is not a type in SQL`;
      const hint = 'Write for example BIGINT, VARCHAR, DECIMAL(10,2) or INTEGER[]';
      context.report.problem({
        ...placeOf(context.root, [...path, index, 'type']),
        code: 'invalid_config',
        message,
        hint,
      });
    }
    return { name, type, nullable, ...(description === undefined ? {} : { description }) };
  });
}
