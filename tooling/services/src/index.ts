export { freePort } from './free-port.ts';
export { serviceTitle } from './missing-service.ts';
export { missingPostgres, type PostgresVersion } from './postgres/postgres-binaries.ts';
export type { CreateDatabaseOptions, PostgresDatabase, PostgresServer } from './postgres/postgres-server.ts';
export type { ReceivedStatement } from './postgres/server-log.ts';
export { type SharedPostgresOptions, sharedPostgres } from './postgres/shared-postgres.ts';
export { type OwnPostgresServer, type StartPostgresOptions, startPostgres } from './postgres/start-postgres.ts';
export { isRunning, stopProcess } from './stop-process.ts';
