import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from, to } from 'pg-copy-streams';
import { copiedTable } from './copied-table.ts';

/** PostgreSQL through pg-copy-streams alone, as one would load a table with bytes that are ready. */
export interface CopyPeer extends AsyncDisposable {
  /** Replaces the table by the bytes: one binary COPY, in the transaction that creates the table anew. */
  replace(): Promise<void>;
}

/**
 * Opens one connection, and reads the bytes of the table that the accelerator keeps a dataset in, so that the peer writes the very same
 * types and values. It holds them in memory.
 */
export async function openCopyPeer(connectionString: string, dataset: string): Promise<CopyPeer> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const table = await copiedTable(client, dataset);
    await client.query(`CREATE TABLE kept AS SELECT * FROM ${table} LIMIT 0`);
    await client.query('CREATE TABLE copied (LIKE kept)');
    const chunks: Buffer[] = [];
    for await (const chunk of client.query(to(`COPY ${table} TO STDOUT (FORMAT binary)`))) {
      chunks.push(chunk as Buffer);
    }
    return {
      async replace() {
        await client.query('BEGIN');
        await client.query('DROP TABLE copied');
        await client.query('CREATE TABLE copied (LIKE kept)');
        const copy = client.query(from('COPY copied FROM STDIN (FORMAT binary, FREEZE)'));
        await pipeline(Readable.from(chunks, { objectMode: false }), copy);
        await client.query('COMMIT');
      },
      [Symbol.asyncDispose]: () => client.end(),
    };
  } catch (error) {
    await client.end();
    throw error;
  }
}
