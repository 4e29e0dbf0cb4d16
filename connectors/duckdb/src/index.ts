export { duckDbConnector } from './connector.ts';
