import type { ConfigContext } from './config-context.ts';
import type { DatasetInput } from './config-input.ts';
import type { ConfigPath } from './config-node.ts';
import { placeOf } from './config-place.ts';

/** Reports an `on_schema_change` that means nothing, or says the same as something else. */
export function reportSchemaChange(
  context: ConfigContext,
  path: ConfigPath,
  input: Pick<DatasetInput, 'on_schema_change' | 'acceleration'>,
): void {
  if (input.on_schema_change === undefined) return;
  const place = placeOf(context.root, [...path, 'on_schema_change']);
  if (input.acceleration === undefined)
    context.report.problem({
      ...place,
      code: 'invalid_config',
      message: '`on_schema_change` has no meaning without `acceleration`',
      hint: 'Remove it: the dataset is read from its source at every query',
    });
  if (input.acceleration?.mode === 'file_update')
    context.report.problem({
      ...place,
      code: 'invalid_config',
      message:
        '`on_schema_change` stands beside `acceleration.mode` file_update, which says what becomes of changed columns',
      hint: 'Remove it, or set the mode to file',
    });
}
