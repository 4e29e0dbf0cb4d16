export { postgresAccelerator } from './accelerator.ts';
export { postgresParameters } from './parameters.ts';
