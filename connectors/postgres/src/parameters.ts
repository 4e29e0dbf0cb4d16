import { MillraceError, type ParameterSpec, type Parameters } from '@millrace/core';
import { connectionParameters } from '@millrace/postgres';

/** Digits of the longest decimal that is read. */
const MAX_SCALE = 38;

/** The parameters of the connector. Those that carry the prefix are written `pg_…`. */
export const postgresParameters: readonly ParameterSpec[] = [
  ...connectionParameters('connector'),
  {
    name: 'numeric_scale',
    kind: 'connector',
    type: 'integer',
    description:
      'Digits behind the point of columns declared as plain `numeric`, which are read as decimal(38, scale); a value that does not fit fails, and is never rounded.',
    default: '9',
  },
];

/**
 * Digits behind the point of a `numeric` that declares none.
 *
 * @throws MillraceError `invalid_parameter` beyond 0 to 38.
 */
export function readNumericScale(parameters: Parameters): number {
  const scale = parameters.number('numeric_scale') ?? 9;
  if (scale >= 0 && scale <= MAX_SCALE) return scale;
  throw new MillraceError({
    code: 'invalid_parameter',
    component: 'postgres connection',
    connector: 'postgres',
    message: `pg_numeric_scale is ${scale}`,
    hint: `It must be between 0 and ${MAX_SCALE}`,
  });
}
