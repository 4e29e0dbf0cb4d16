import { inspect } from 'node:util';
import { batchFromRows } from '@millrace/arrow';
import {
  type DataConnector,
  dataTypes,
  defineConnector,
  field,
  type Logger,
  MillraceError,
  type Schema,
} from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { describe, expect, it } from 'vitest';
import { createRuntime } from '../src/index.ts';

const FROM_ENVIRONMENT = 'canary-from-environment-91c4';
const AS_TEXT = 'canary-as-plain-text-77ab';
const SCHEMA: Schema = { fields: [field('id', dataTypes.int32())] };

/** A careless connector: it puts its secrets into everything that it says. */
function leakyConnector(fails: 'never' | 'at_connect' | 'at_scan' | 'midway') {
  return defineConnector({
    id: 'leaky',
    prefix: 'leaky',
    parameters: [
      { name: 'password', kind: 'connector', type: 'string', description: 'The password.', secret: true },
      { name: 'url', kind: 'connector', type: 'string', description: 'Where.' },
    ],
    create(parameters, { logger, signal }) {
      const text = `${parameters.string('url')} with ${parameters.string('password')}`;
      const failure = () =>
        new MillraceError({
          code: 'unavailable',
          component: text,
          message: `cannot reach ${text}`,
          hint: `Try ${text} again.`,
          cause: Object.assign(new Error(text, { cause: new Error(text) }), {
            query: text,
            config: { password: text },
          }),
        });
      logger.warn(`connecting to ${text}`, { text, nested: { list: [text] }, error: new Error(text) });
      const connector: DataConnector = {
        async catalogProvider() {
          const table = await connector.readProvider({ name: 'x', path: 'x', parameters }, { signal });
          return {
            async *namespaces() {},
            async *tables() {
              yield { reference: { namespace: [], name: 'leaky' }, tableType: 'base' };
            },
            table: async () => table,
            [Symbol.asyncDispose]: async () => {},
          };
        },
        async readProvider() {
          if (fails === 'at_connect') throw failure();
          return {
            schema: SCHEMA,
            tableType: 'base',
            scan(request) {
              if (fails === 'at_scan') throw failure();
              return {
                schema: { fields: request.projection.map((ordinal) => SCHEMA.fields[ordinal]!) },
                applied: { filters: request.filters.map(() => 'none' as const) },
                partitions: [{ id: 0, detail: null }],
                explain: () => ({ source: `leaky ${text}`, statement: `SELECT ${text}`, notes: [text] }),
                async *execute() {
                  yield batchFromRows(SCHEMA, [[1]]);
                  if (fails === 'midway') throw failure();
                },
              };
            },
          };
        },
        close: async () => {},
        [Symbol.asyncDispose]: async () => {},
      };
      return connector;
    },
  });
}

describe('secrets', () => {
  it.each(['never', 'at_connect', 'at_scan', 'midway'] as const)(
    'appear nowhere when the connector fails %s',
    async (fails) => {
      process.env.MILLRACE_CANARY = FROM_ENVIRONMENT;
      const said: unknown[] = [];
      const log: Logger['info'] = (message, fields) => said.push(message, fields);
      const logger: Logger = { debug: log, info: log, warn: log, error: log };
      const runtime = await createRuntime({
        config: {
          datasets: [
            {
              from: 'leaky:x',
              name: 'leaky',
              // biome-ignore lint/suspicious/noTemplateCurlyInString: the reference is what the user writes
              params: { leaky_password: AS_TEXT, leaky_url: 'db://${env:MILLRACE_CANARY}@host' },
            },
          ],
          catalogs: [
            // biome-ignore lint/suspicious/noTemplateCurlyInString: the reference is what the user writes
            { from: 'leaky', name: 'cat', params: { leaky_password: AS_TEXT, leaky_url: '${env:MILLRACE_CANARY}' } },
          ],
        },
        registry: createRegistry({ connectors: [leakyConnector(fails)], accelerators: [] }),
        logger,
      });
      const remember = (error: unknown) => said.push(error, String(error), (error as Error).stack);
      await runtime
        .sql('SELECT * FROM leaky')
        .then((result) => result.toRows(), remember)
        .then((rows) => said.push(rows), remember);
      await runtime.explain('SELECT * FROM leaky').then((explanation) => said.push(explanation), remember);
      await runtime.refresh('leaky').catch(remember);
      await runtime.refreshCatalog('cat').catch(remember);
      const read = runtime.sql('SELECT * FROM cat.leaky');
      await read.then((rows) => rows.toRows()).then((rows) => said.push(rows), remember);
      said.push(runtime.datasets(), runtime.catalogs(), runtime.metrics());
      const result = await runtime.sql('EXPLAIN SELECT * FROM leaky').catch(remember);
      if (typeof result === 'object') said.push(await result.toRows());
      await runtime.close();
      delete process.env.MILLRACE_CANARY;

      const everything = inspect(said, { depth: 20, maxStringLength: null, maxArrayLength: null, showHidden: true });
      expect(said.length).toBeGreaterThan(4);
      expect(everything).toContain('***');
      expect(everything).not.toContain(FROM_ENVIRONMENT);
      expect(everything).not.toContain(AS_TEXT);
    },
  );
});
