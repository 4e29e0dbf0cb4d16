// The question of question.sql from code: node answer.mjs [configuration]
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createRuntime } from '@millrace/runtime';

const here = fileURLToPath(new URL('.', import.meta.url));

// Plugins are what the package.json in this folder depends on, wherever the configuration lies.
const runtime = await createRuntime({ configPath: process.argv[2] ?? `${here}millrace.yaml`, hostRoot: here });
try {
  const question = await readFile(`${here}question.sql`, 'utf8');
  const worst = await (await runtime.sql(question)).toRows();
  for (const row of worst) console.log(JSON.stringify(row, exactNumbers));

  // A follow-up about the first of them; the value is bound, never spliced into the text.
  const follow = await runtime.sql`
    SELECT "count" AS departures, a.name AS destination FROM flights f JOIN airports a ON a.iata = f.destination
    WHERE f.origin = ${worst[0].iata} ORDER BY departures DESC LIMIT 1`;
  for await (const row of follow.rows())
    console.error(`Most flights from ${worst[0].iata} go to ${row.destination} (${row.departures}).`);
} finally {
  await runtime.close();
}

/** 64-bit integers are bigint, which JSON has no number for: text, as the command writes them. */
function exactNumbers(_key, value) {
  return typeof value === 'bigint' ? value.toString() : value;
}
