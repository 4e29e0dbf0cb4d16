// Writes to a database from a process of its own: node writer-process.mjs <file> <mode>.
// `insert`: two rows every few milliseconds, until the process is killed. `lock`: holds an exclusive lock until killed.
import { createRequire } from 'node:module';

const Database = createRequire(import.meta.url)('better-sqlite3');
const [file, mode] = process.argv.slice(2);
const database = new Database(file);
// With a rollback journal a writer without pauses starves every reader, of whatever program.
const pauseMs = database.pragma('journal_mode', { simple: true }) === 'wal' ? 1 : 50;
if (mode === 'lock') {
  database.exec('BEGIN EXCLUSIVE');
  process.stdout.write('ready\n');
  setInterval(() => {}, 1_000);
} else {
  const insert = database.prepare('INSERT INTO t (v, w) VALUES (?, ?)');
  const both = database.transaction((n) => {
    insert.run(n, 'x');
    insert.run(-n, 'x');
  });
  let number = 1_000_000;
  process.stdout.write('ready\n');
  setInterval(() => both(number++), pauseMs);
}
