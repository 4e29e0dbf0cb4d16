export { fileConnector } from './connector.ts';
export { fileParameters } from './parameters.ts';
