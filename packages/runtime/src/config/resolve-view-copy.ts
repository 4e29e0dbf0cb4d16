import type { ConfigContext } from './config-context.ts';
import type { ViewInput } from './config-input.ts';
import type { ConfigName, ViewConfig } from './config-model.ts';
import type { ConfigPath } from './config-node.ts';
import { placeOf } from './config-place.ts';
import { resolveAcceleration } from './resolve-acceleration.ts';
import { reportFormatAlone, reportReadyStateAlone, resolveColumns } from './resolve-dataset.ts';
import { reportSchemaChange } from './schema-change-fields.ts';

/** The fields of a view beside its name and query. */
type ViewCopy = Omit<ViewConfig, 'name' | 'sql' | 'description' | 'location'>;

/** Checks what a view says of its columns, its copy and what it depends on, and reports every problem. */
export function resolveViewCopy(
  context: ConfigContext,
  view: { readonly path: ConfigPath; readonly input: ViewInput; readonly name: ConfigName | undefined },
): ViewCopy {
  const { path, input, name } = view;
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
  reportRefreshSql(context, path, input);
  return {
    ...(columns ? { columns } : {}),
    ...(input.depends_on?.length ? { dependsOn: input.depends_on } : {}),
    ...(input.time_column === undefined ? {} : { timeColumn: input.time_column }),
    ...(input.time_format === undefined ? {} : { timeFormat: input.time_format }),
    ...(input.ready_state === undefined ? {} : { readyState: input.ready_state }),
    ...(input.on_schema_change === undefined ? {} : { onSchemaChange: input.on_schema_change }),
    ...(acceleration ? { acceleration } : {}),
  };
}

function reportRefreshSql(context: ConfigContext, path: ConfigPath, input: ViewInput): void {
  if (input.acceleration?.refresh_sql === undefined) return;
  context.report.problem({
    ...placeOf(context.root, [...path, 'acceleration', 'refresh_sql']),
    code: 'invalid_config',
    message: '`acceleration.refresh_sql` has no meaning for a view, whose query says what is kept',
    hint: 'Write it into `sql`',
  });
}
