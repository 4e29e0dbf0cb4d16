export { arrowAccelerator } from './accelerator.ts';
export { arrowParameters } from './parameters.ts';
