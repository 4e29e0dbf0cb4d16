import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder with a host's package.json and one plugin package in plain JavaScript, which imports nothing. */
export interface HostFixture {
  readonly folder: string;
  /** Writes a file in the folder and tells its path. */
  write(path: string, text: string): string;
  remove(): void;
}

/** Makes a host that has the connector `counter`, the accelerator `keeper`, and a package that is broken. */
export function createHostFixture(): HostFixture {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-cli-')));
  const write = (path: string, text: string) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  write(
    'package.json',
    JSON.stringify({ name: 'host', dependencies: { 'plugin-counter': '1', 'plugin-broken': '1' } }),
  );
  write('node_modules/plugin-counter/package.json', JSON.stringify(COUNTER_PACKAGE));
  write('node_modules/plugin-counter/parameters.json', JSON.stringify(COUNTER_PARAMETERS));
  write('node_modules/plugin-counter/index.js', COUNTER_SOURCE);
  write('node_modules/plugin-broken/package.json', JSON.stringify({ ...BROKEN_PACKAGE }));
  return { folder, write, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const COUNTER_PACKAGE = {
  name: 'plugin-counter',
  version: '1.2.3',
  type: 'module',
  exports: './index.js',
  millrace: {
    manifestVersion: 1,
    apiVersion: 1,
    connectors: [
      { id: 'counter', entry: './index.js', export: 'connector', parameters: './parameters.json', stability: 'beta' },
    ],
    accelerators: [
      { id: 'keeper', entry: './index.js', export: 'accelerator', parameters: './parameters.json', stability: 'alpha' },
    ],
  },
};

const BROKEN_PACKAGE = {
  name: 'plugin-broken',
  version: '1.0.0',
  millrace: {
    manifestVersion: 1,
    apiVersion: 1,
    connectors: [{ id: 'broken', entry: './missing.js', parameters: './parameters.json', stability: 'alpha' }],
  },
};

const TOKEN = { name: 'token', kind: 'connector', type: 'string', description: 'A secret.', secret: true };
const FAIL_AT = { name: 'fail_at', kind: 'connector', type: 'integer', description: 'The batch that fails.' };
const COUNTER_PARAMETERS = {
  parametersVersion: 1,
  plugins: [
    { kind: 'connector', id: 'counter', prefix: 'counter', parameters: [TOKEN, FAIL_AT] },
    { kind: 'accelerator', id: 'keeper', prefix: 'keeper', parameters: [] },
  ],
};

/** `counter:<batches>`: batches of 1,000 rows of a 64-bit number `n`. */
const COUNTER_SOURCE = `
const specs = ${JSON.stringify(COUNTER_PARAMETERS.plugins[0]!.parameters)};
const brand = Symbol.for('millrace.plugin');
const schema = { fields: [{ name: 'n', type: { typeId: 2, bitWidth: 64, isSigned: true }, nullable: false }] };
const ROWS = 1000;

function makeBatch(index, projection) {
  const values = BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(index * ROWS + row));
  const column = { type: schema.fields[0].type, length: ROWS, offset: 0, nullCount: 0, values, children: [] };
  return project({ schema, numRows: ROWS, data: { children: [column] } }, projection);
}

function project(batch, projection) {
  return {
    schema: { fields: projection.map((ordinal) => schema.fields[ordinal]) },
    numRows: batch.numRows,
    data: { children: projection.map((ordinal) => batch.data.children[ordinal]) },
  };
}

function providerOf(read, source) {
  return {
    schema,
    tableType: 'base',
    async scan(request) {
      return {
        schema: { fields: request.projection.map((ordinal) => schema.fields[ordinal]) },
        applied: { filters: request.filters.map(() => 'none') },
        partitions: [{ id: 0, detail: null }],
        execute: (_, context) => read(request.projection, context),
        explain: () => ({ source }),
      };
    },
  };
}

export const connector = {
  [brand]: 1, kind: 'connector', id: 'counter', prefix: 'counter', parameters: specs,
  create: (parameters) => ({
    async readProvider({ path }) {
      if (path === 'down') throw new Error('no answer with token ' + parameters.string('token'));
      return providerOf(async function* (projection, { signal }) {
        for (let index = 0; index < Number(path); index++) {
          signal.throwIfAborted();
          if (index === parameters.number('fail_at')) throw new Error('failed with token ' + parameters.string('token'));
          yield makeBatch(index, projection);
        }
      }, 'counter ' + path);
    },
    async catalogProvider(source) {
      return {
        async *namespaces(parent) { if (parent.length === 0) yield ['sets']; },
        async *tables(namespace) {
          if (namespace.length === 0) return;
          for (let size = 1; size <= 30; size++) yield { reference: { namespace, name: 'set_' + size }, tableType: 'base' };
        },
        table: ({ name }) => this.readProvider({ path: name.slice(4) }),
        [Symbol.asyncDispose]: async () => {},
      };
    },
    metricsProvider: { metrics: () => ({ batches: 12345678901234567890n }) },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }),
};

export const accelerator = {
  [brand]: 1, kind: 'accelerator', id: 'keeper', prefix: 'keeper', parameters: [], modes: ['memory'], validFileExtensions: [],
  create: () => ({
    accelerationLayout: { kind: 'memory' },
    filePath: () => undefined,
    init: async () => ({ kind: 'empty' }),
    isInitialized: () => true,
    async createExternalTable(command) {
      let batches = [];
      const table = {
        ...providerOf(async function* (projection) {
          for (const batch of batches) yield project(batch, projection);
        }, 'keeper'),
        checkpoint: undefined,
        async beginRefresh() {
          const loaded = [];
          return {
            writer: async () => ({
              write: async (batch) => void loaded.push(batch),
              finish: async () => ({}),
              [Symbol.asyncDispose]: async () => {},
            }),
            async commit(checkpoint) {
              batches = loaded;
              const rowCount = BigInt(loaded.reduce((sum, batch) => sum + batch.numRows, 0));
              table.checkpoint = { ...checkpoint, schema, definitionHash: command.definitionHash, rowCount };
              return { rowCount };
            },
            abort: async () => {},
            [Symbol.asyncDispose]: async () => {},
          };
        },
      };
      return table;
    },
    shutdown: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }),
};
`;
