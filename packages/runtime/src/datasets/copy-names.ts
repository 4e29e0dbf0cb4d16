import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@millrace/core';
import type { TableName } from '@millrace/duckdb';
import { tableKey } from '../query/engine-table.ts';
import type { Dataset } from './dataset.ts';

/** Under which name an accelerator keeps a dataset's copy: 0 is the dataset's own name, the others are beside it. */
export type CopyNumber = number;

/**
 * Tells under which names accelerators keep the copies of datasets. While a dataset changes its definition, the copy of the old one is served
 * and that of the new one is loaded, often in the same file, and so the two need names of their own.
 *
 * Which one holds after a restart is remembered in the data directory where it is not the dataset's own name. What is remembered may be lost:
 * the copy is loaded anew then.
 */
export class CopyNames {
  readonly #file: string;
  readonly #folder: string;
  readonly #logger: Logger;
  /** The number that holds, by dataset; 0 where there is none. */
  readonly #current = new Map<string, CopyNumber>();
  readonly #used = new Map<string, Set<CopyNumber>>();
  #writes: Promise<void> = Promise.resolve();

  constructor(dataDirectory: string, logger: Logger) {
    this.#folder = dataDirectory;
    this.#file = join(dataDirectory, 'copies.json');
    this.#logger = logger;
  }

  /** Reads what is remembered, and gives the datasets their names. */
  async open(datasets: readonly Dataset[]): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch(() => '{}');
    try {
      for (const [key, number] of Object.entries(JSON.parse(text) as Record<string, unknown>))
        if (Number.isSafeInteger(number)) this.#current.set(key, number as number);
    } catch {
      this.#logger.warn('the names of copies cannot be read; they are loaded anew', { file: this.#file });
    }
    for (const dataset of datasets) this.take(dataset);
  }

  /** Gives a dataset the name that holds, or another one where that is in use. */
  take(dataset: Dataset): void {
    const key = tableKey(dataset.name);
    const used = this.#used.get(key) ?? new Set();
    this.#used.set(key, used);
    let number = this.#current.get(key) ?? 0;
    if (used.has(number)) for (number = 0; used.has(number); number += 1);
    used.add(number);
    dataset.copyNumber = number;
  }

  /** The dataset's name is the one that holds from now on. */
  async settle(dataset: Dataset): Promise<void> {
    await this.#remember(tableKey(dataset.name), dataset.copyNumber);
  }

  /** The dataset's copy is closed; `gone` with its rows. */
  async free(dataset: Dataset, copy: 'kept' | 'gone'): Promise<void> {
    const key = tableKey(dataset.name);
    this.#used.get(key)?.delete(dataset.copyNumber);
    if (copy === 'gone' && this.#current.get(key) === dataset.copyNumber) await this.#remember(key, 0);
  }

  /** A failure is logged and nothing more: the copy is loaded anew after a restart. */
  async #remember(key: string, number: CopyNumber): Promise<void> {
    if ((this.#current.get(key) ?? 0) === number) return;
    if (number === 0) this.#current.delete(key);
    else this.#current.set(key, number);
    this.#writes = this.#writes.then(async () => {
      try {
        await mkdir(this.#folder, { recursive: true });
        const draft = `${this.#file}.${process.pid}`;
        await writeFile(draft, `${JSON.stringify(Object.fromEntries(this.#current))}\n`);
        await rename(draft, this.#file);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#logger.warn('the name of a copy cannot be remembered', { dataset: key, reason });
      }
    });
    await this.#writes;
  }
}

/**
 * The name of a table in an accelerator. Names that begin with `__millrace` belong to the runtime, and no dataset has one; those that go on with
 * an underscore belong to the accelerators.
 */
export function toCopyName({ schemaName, table }: TableName, number: CopyNumber): TableName {
  const name = number === 0 ? table : `__millrace${number}_${table}`;
  return schemaName === undefined ? { table: name } : { schemaName, table: name };
}
