import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { dataTypes, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { ENGINES } from '@millrace/engines';
import { createRuntime } from '../../src/index.ts';

/** A process that has the files of a copy open until it is killed. Arguments: the base directory, and the engine. */
const [baseDirectory = '', engine = ''] = process.argv.slice(2);
memoryDatabase('held').put('a', { schema: { fields: [field('id', dataTypes.int32())] }, rows: [[1]] });
const runtime = await createRuntime({
  config: {
    datasets: [
      {
        from: 'memory:a',
        name: 'a',
        params: { memory_database: 'held' },
        acceleration: { engine, mode: 'file' },
      },
    ],
  },
  baseDirectory,
  registry: createRegistry({ connectors: [memoryConnector], accelerators: ENGINES }),
});
await runtime.ready();
process.stdout.write('open\n');
setInterval(() => {}, 60_000);
