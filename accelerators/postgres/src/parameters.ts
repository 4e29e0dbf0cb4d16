import type { ParameterSpec } from '@millrace/core';
import { connectionParameters } from '@millrace/postgres';

/** The parameters of an accelerated dataset of this engine. */
export const postgresParameters: readonly ParameterSpec[] = [
  ...connectionParameters('accelerator'),
  {
    name: 'schema',
    kind: 'accelerator',
    type: 'string',
    description:
      'Schema of the server that the copies are kept in; made where it is missing. Processes that name the same one share its copies.',
    default: 'millrace',
    examples: ['shop_accelerated'],
  },
];
