export { sqliteAccelerator } from './accelerator.ts';
export { sqliteParameters } from './parameters.ts';
