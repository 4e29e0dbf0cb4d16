import { MillraceError } from '@millrace/core';
import type { DatasetConfig } from '../config/index.ts';

/** The error of a source that came back with other columns than its accelerated rows have. */
export function otherColumnsError({ name, from }: DatasetConfig): MillraceError {
  return new MillraceError({
    code: 'schema_mismatch',
    component: `dataset ${name.text}`,
    connector: from.connector,
    message: 'the source has other columns than when the dataset was loaded',
    hint: 'The old rows are still served; the next refresh goes by `on_schema_change`.',
  });
}
