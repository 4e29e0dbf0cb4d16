import { createLiteralReader } from '@millrace/arrow';
import { createSampleTables } from '@millrace/workloads';
import Database from 'better-sqlite3';

const DAY_MS = 86_400_000;

/** Columns of the sample table `people`, and what each becomes; texts also with every collation that SQLite has. */
const COLUMNS = `id INTEGER PRIMARY KEY, name TEXT, city TEXT, born DATE, balance DECIMAL(12,2), score REAL, member INTEGER,
  joined DATETIME, active BOOLEAN, boss INTEGER, nick TEXT COLLATE NOCASE, street TEXT COLLATE RTRIM, amount NUMERIC, code BLOB`;

/** Writes the sample table `people` of awkward values, indexed, into a database file. `encoding` as in `PRAGMA encoding`. */
export function writeSampleDatabase(path: string, encoding = 'UTF-8'): void {
  const people = createSampleTables(7).find(({ name }) => name === 'people')!;
  const database = new Database(path);
  database.pragma(`encoding = '${encoding}'`);
  database.exec(`CREATE TABLE people (${COLUMNS})`);
  for (const column of ['name', 'nick', 'street', 'born', 'member', 'score']) {
    database.exec(`CREATE INDEX people_${column} ON people (${column})`);
  }
  const insert = database.prepare(`INSERT INTO people VALUES (${Array(14).fill('?').join(', ')})`);
  for (const batch of people.batches) {
    const readers = batch.data.children.map(createLiteralReader);
    for (let row = 0; row < batch.numRows; row++) {
      const [id, name, city, born, balance, score, member, joined, active, boss] = readers.map((read) => read(row));
      const text = name === null ? null : String(name);
      insert.run(
        BigInt(id as number),
        text,
        city,
        born === null ? null : isoDate(born as number),
        balance === null ? null : Number(`${balance}e-2`),
        score,
        member,
        joined === null ? null : isoTimestamp(joined as bigint),
        active === null ? null : active ? 1n : 0n,
        boss === null ? null : BigInt(boss as number),
        // Shifted by a row, so that columns differ, and now and then in other case.
        text === null ? null : row % 3 === 0 ? text.toUpperCase() : text,
        text === null ? null : row % 3 === 1 ? `${text} ` : text,
        row % 7 === 0 ? null : row % 2 === 0 ? BigInt(row) : row / 4,
        text === null ? null : Buffer.from(text),
      );
    }
  }
  database.close();
}

function isoDate(days: number): string {
  return new Date(days * DAY_MS).toISOString().replace(/^\+00/, '').slice(0, 10);
}

function isoTimestamp(micros: bigint): string {
  const millis = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n);
  const rest = String(micros - millis * 1000n).padStart(3, '0');
  return `${new Date(Number(millis)).toISOString().slice(0, -1)}${rest}`;
}
