import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type OwnPostgresServer, type PostgresDatabase, startPostgres } from '@millrace/services';
import pg from 'pg';
import { from } from 'pg-copy-streams';
import type { BenchContext } from '../benchmark.ts';
import { openBareDuckDb, quoteText } from '../peer/bare-duckdb.ts';
import { LINEITEM } from './order-tables.ts';
import { ensureParquetFile } from './parquet-file.ts';

/** The lineitem-shaped table in a server of the benchmark's own. */
export interface PostgresLineitem {
  readonly server: OwnPostgresServer;
  readonly database: PostgresDatabase;
  /** What a dataset needs to reach it. */
  readonly parameters: Readonly<Record<string, string>>;
}

const COLUMNS = `l_orderkey bigint NOT NULL, l_partkey bigint NOT NULL, l_suppkey bigint NOT NULL, l_linenumber int NOT NULL,
  l_quantity numeric(15,2) NOT NULL, l_extendedprice numeric(15,2) NOT NULL, l_discount numeric(15,2) NOT NULL,
  l_tax numeric(15,2) NOT NULL, l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL,
  l_commitdate date NOT NULL, l_receiptdate date NOT NULL, l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL,
  l_comment varchar(44) NOT NULL`;

/** Starts PostgreSQL and loads the rows, with an index on the day of shipping. */
export async function openPostgresLineitem({ dataDirectory, rowCount, own }: BenchContext): Promise<PostgresLineitem> {
  const file = await ensureParquetFile({ directory: dataDirectory, table: LINEITEM, lineCount: rowCount });
  const server = own(await startPostgres({ settings: { shared_buffers: '1GB', log_statement: 'none' } }));
  const database = await server.createDatabase({ name: 'bench' });
  await database.sql(`CREATE TABLE lineitem (${COLUMNS})`);
  const text = join(dataDirectory, `lineitem-${process.pid}.csv`);
  try {
    await using duckdb = await openBareDuckDb();
    await duckdb.run(
      `COPY (SELECT * FROM read_parquet(${quoteText(file)})) TO ${quoteText(text)} (FORMAT csv, HEADER false)`,
    );
    const client = new pg.Client({ connectionString: database.connectionString });
    await client.connect();
    try {
      await pipeline(createReadStream(text), client.query(from('COPY lineitem FROM STDIN (FORMAT csv)')));
    } finally {
      await client.end();
    }
  } finally {
    await rm(text, { force: true });
  }
  await database.sql('CREATE INDEX ON lineitem (l_shipdate)');
  await database.sql('VACUUM ANALYZE lineitem');
  return {
    server,
    database,
    parameters: { pg_connection_string: database.connectionString, pg_sslmode: 'disable' },
  };
}
