import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type MariaDbDatabase, type OwnMariaDbServer, startMariaDb } from '@millrace/services';
import mysql from 'mysql2/promise';
import type { BenchContext } from '../benchmark.ts';
import { openBareDuckDb, quoteText } from '../peer/bare-duckdb.ts';
import { LINEITEM } from './order-tables.ts';
import { ensureParquetFile } from './parquet-file.ts';

/** The lineitem-shaped table in a server of the benchmark's own. */
export interface MysqlLineitem {
  readonly server: OwnMariaDbServer;
  readonly database: MariaDbDatabase;
  /** What a dataset needs to reach it. */
  readonly parameters: Readonly<Record<string, string>>;
}

const COLUMNS = `l_orderkey BIGINT NOT NULL, l_partkey BIGINT NOT NULL, l_suppkey BIGINT NOT NULL, l_linenumber INT NOT NULL,
  l_quantity DECIMAL(15,2) NOT NULL, l_extendedprice DECIMAL(15,2) NOT NULL, l_discount DECIMAL(15,2) NOT NULL,
  l_tax DECIMAL(15,2) NOT NULL, l_returnflag CHAR(1) NOT NULL, l_linestatus CHAR(1) NOT NULL, l_shipdate DATE NOT NULL,
  l_commitdate DATE NOT NULL, l_receiptdate DATE NOT NULL, l_shipinstruct CHAR(25) NOT NULL, l_shipmode CHAR(10) NOT NULL,
  l_comment VARCHAR(44) NOT NULL, PRIMARY KEY (l_orderkey, l_linenumber), KEY (l_shipdate)`;

/** Starts MariaDB and loads the rows into InnoDB, which takes about half a minute for two million. */
export async function openMysqlLineitem({ dataDirectory, rowCount, own }: BenchContext): Promise<MysqlLineitem> {
  const file = await ensureParquetFile({ directory: dataDirectory, table: LINEITEM, lineCount: rowCount });
  const server = own(await startMariaDb({ settings: { innodb_buffer_pool_size: '1G', log_bin: 'OFF' } }));
  const database = await server.createDatabase('bench');
  await database.sql(`CREATE TABLE lineitem (${COLUMNS}) DEFAULT CHARACTER SET utf8mb4`);
  const text = join(dataDirectory, `lineitem-${process.pid}.tsv`);
  try {
    await using duckdb = await openBareDuckDb();
    await duckdb.run(
      `COPY (SELECT * FROM read_parquet(${quoteText(file)})) TO ${quoteText(text)} (FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '')`,
    );
    await loadFile(database, text);
  } finally {
    await rm(text, { force: true });
  }
  await database.sql('ANALYZE TABLE lineitem');
  const { host, port, user, password } = server;
  return {
    server,
    database,
    parameters: {
      mysql_host: host,
      mysql_tcp_port: String(port),
      mysql_user: user,
      mysql_pass: password,
      mysql_db: database.database,
      mysql_sslmode: 'disabled',
    },
  };
}

async function loadFile(database: MariaDbDatabase, file: string): Promise<void> {
  const { createReadStream } = await import('node:fs');
  const client = await mysql.createConnection({ uri: database.connectionString });
  try {
    await client.query({
      sql: "LOAD DATA LOCAL INFILE 'lineitem' INTO TABLE lineitem CHARACTER SET utf8mb4",
      infileStreamFactory: () => createReadStream(file),
    });
  } finally {
    await client.end();
  }
}
