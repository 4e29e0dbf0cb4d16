import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { schemaFromJson, schemaToJson } from '@millrace/arrow';
import type { Json, Logger, Schema } from '@millrace/core';

/** What a source was when its dataset was accelerated last. */
export interface KnownSource {
  readonly schema: Schema;
  readonly mode: 'full' | 'append';
}

/**
 * Remembers in the data directory what the sources of accelerated datasets look like, so that a copy can be opened while its source is away.
 * What is remembered may be out of date: the hash of the definition that follows from it tells whether the copy was made of it.
 */
export class KnownSources {
  readonly #folder: string;
  readonly #logger: Logger;

  constructor(dataDirectory: string, logger: Logger) {
    this.#folder = join(dataDirectory, 'sources');
    this.#logger = logger;
  }

  /** Undefined where nothing usable is known. */
  async recall(dataset: string): Promise<KnownSource | undefined> {
    try {
      const { schema, mode } = JSON.parse(await readFile(this.#fileOf(dataset), 'utf8')) as Record<string, Json>;
      if (schema === undefined || (mode !== 'full' && mode !== 'append')) return undefined;
      return { schema: schemaFromJson(schema), mode };
    } catch {
      return undefined;
    }
  }

  /** A failure is logged and nothing more: the dataset is served, and only not while its source is away at start. */
  async remember(dataset: string, { schema, mode }: KnownSource): Promise<void> {
    const text = `${JSON.stringify({ dataset, mode, schema: schemaToJson(schema) })}\n`;
    const file = this.#fileOf(dataset);
    try {
      if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
      await mkdir(this.#folder, { recursive: true });
      const draft = `${file}.${process.pid}`;
      await writeFile(draft, text);
      await rename(draft, file);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.warn('the columns of a source cannot be remembered', { dataset, reason });
    }
  }

  #fileOf(dataset: string): string {
    const name = dataset.replace(/[^\w.-]/gu, (character) => `%${character.codePointAt(0)!.toString(16)}`);
    return join(this.#folder, `${name.slice(0, 200)}.json`);
  }
}
