export { duckdbAccelerator } from './accelerator.ts';
export { duckdbParameters } from './parameters.ts';
