import type { AcceleratorPlugin } from '@millrace/core';
import { createModelAccelerator } from './model-accelerator.ts';

const model = createModelAccelerator();

/** The model under the name of the README's example, with a parameter more. */
export const keptAccelerator: AcceleratorPlugin = {
  ...model,
  id: 'kept',
  prefix: 'kept',
  parameters: [
    ...model.parameters,
    {
      name: 'compression',
      kind: 'accelerator',
      type: 'string',
      description: 'How files are compressed.',
      oneOf: ['none', 'zstd'],
      default: 'none',
    },
  ],
};
