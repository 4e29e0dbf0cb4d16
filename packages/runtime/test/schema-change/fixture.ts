import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryConnector, memoryDatabase } from '@millrace/connector-memory';
import { type AcceleratorPlugin, type DataType, type Field, field } from '@millrace/core';
import { createRegistry } from '@millrace/core/registry';
import { ENGINES as ACCELERATORS, ENGINE_MODES, type OpenedEngine, openEngine } from '@millrace/engines';
import { createRuntime, type DatasetInput, type Runtime, type RuntimeConfigInput } from '../../src/index.ts';

/** Engines that can be had here and can change the columns of a copy. */
const REDEFINING = ENGINE_MODES.filter(({ engine }) => ACCELERATORS.find(({ id }) => id === engine)?.canRedefine);

export const ENGINES: readonly string[] = [...new Set(REDEFINING.map(({ engine }) => engine))];
export const FILE_ENGINES: readonly string[] = REDEFINING.flatMap(({ engine, mode }) =>
  mode === 'file' ? [engine] : [],
);

let storeCount = 0;

function nextStore(): string {
  storeCount += 1;
  return `schema-change-${storeCount}`;
}

/** A source whose columns change, and runtimes over it that share a folder. */
export class SchemaChangeFixture implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'millrace-schema-change-'));
  readonly #store = nextStore();
  readonly #place: OpenedEngine;
  readonly #runtimes: Runtime[] = [];

  private constructor(place: OpenedEngine) {
    this.#place = place;
  }

  /** Makes what copies in an engine need. */
  static async open(engine: string): Promise<SchemaChangeFixture> {
    return new SchemaChangeFixture(await openEngine(engine));
  }

  /** Puts columns and rows in the place of those that were there. */
  put(
    columns: readonly (readonly [string, DataType] | Field)[],
    rows: readonly (readonly unknown[])[],
    table = 'orders',
  ): void {
    const fields = columns.map((column) => ('name' in column ? column : field(column[0], column[1])));
    memoryDatabase(this.#store).put(table, { schema: { fields }, rows });
  }

  dataset(
    acceleration: DatasetInput['acceleration'],
    rest: Partial<DatasetInput> = {},
    table = 'orders',
  ): DatasetInput {
    const params = { memory_database: this.#store };
    const copy = { ...acceleration, params: this.#place.params };
    return { from: `memory:${table}`, name: table, params, ...rest, acceleration: copy };
  }

  async start(config: RuntimeConfigInput, more: readonly AcceleratorPlugin[] = []): Promise<Runtime> {
    const runtime = await createRuntime({
      config,
      baseDirectory: this.folder,
      registry: createRegistry({
        connectors: [memoryConnector],
        accelerators: [...ACCELERATORS, ...more],
      }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    this.#runtimes.push(runtime);
    return runtime;
  }

  /** The runtime over one dataset, whose first load has been tried. */
  async open(acceleration: DatasetInput['acceleration'], rest: Partial<DatasetInput> = {}): Promise<Runtime> {
    const runtime = await this.start({ datasets: [this.dataset(acceleration, rest)] });
    await runtime.ready().catch(() => undefined);
    return runtime;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#runtimes.splice(0).map((runtime) => runtime.close()));
    await this.#place.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The rows of a statement, by column. */
export async function read(runtime: Runtime, sql = 'SELECT * FROM orders ORDER BY id'): Promise<unknown[]> {
  return (await runtime.sql(sql)).toRows();
}

/** The columns of the dataset as seen from outside. */
export function columnsOf(runtime: Runtime, table = 'orders'): readonly string[] | undefined {
  return runtime
    .datasets()
    .find(({ name }) => name === table)
    ?.schema?.fields.map(({ name }) => name);
}
