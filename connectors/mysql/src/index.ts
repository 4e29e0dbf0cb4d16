export { mysqlConnector } from './connector.ts';
export { mysqlParameters } from './parameters.ts';
