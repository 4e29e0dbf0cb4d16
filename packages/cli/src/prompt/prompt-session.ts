import type { Runtime, SqlOptions } from '@millrace/runtime';
import type { CommandLineIo } from '../command-line-io.ts';
import { listDatasets, toRows } from '../commands/datasets.ts';
import type { RuntimeModule } from '../host/runtime-module.ts';
import type { LoadProgress } from '../output/load-progress.ts';
import type { Tabular } from '../output/row-encoder.ts';
import { summarize } from '../output/summarize.ts';
import { type ResultFormat, writeResult } from '../output/write-result.ts';
import { describeReload } from './describe-reload.ts';
import { DOT_HELP, type DotCommand } from './dot-commands.ts';

/** What a session at the prompt works with. */
export interface PromptParts {
  readonly module: RuntimeModule;
  readonly runtime: Runtime;
  readonly progress: LoadProgress;
  readonly io: CommandLineIo;
  /** The form of results until `.format` changes it. */
  readonly format: ResultFormat;
  /** Options of every statement. */
  readonly sqlOptions: SqlOptions;
}

/** Runs what the user enters at the prompt, and keeps the settings that change on the way. */
export class PromptSession {
  readonly #parts: PromptParts;
  #format: ResultFormat;
  #timer: 'on' | 'off' = 'on';

  constructor(parts: PromptParts) {
    this.#parts = parts;
    this.#format = parts.format;
  }

  /** Runs a statement and shows its rows. */
  async runStatement(sql: string, signal: AbortSignal): Promise<void> {
    const { runtime, progress, sqlOptions, io } = this.#parts;
    const startedMs = performance.now();
    const result = await progress.during(runtime, runtime.sql(sql, { ...sqlOptions, signal }));
    try {
      const rowCount = await this.#show({ schema: result.schema, batches: result });
      if (this.#timer === 'on') io.stderr.write(`${summarize(rowCount, performance.now() - startedMs)}\n`);
    } finally {
      await result.close();
    }
  }

  /** Runs a point command; tells whether the session goes on. */
  async runDotCommand(command: DotCommand, signal: AbortSignal): Promise<'go_on' | 'quit'> {
    const { runtime, io, module, sqlOptions } = this.#parts;
    switch (command.kind) {
      case 'quit':
        return 'quit';
      case 'help':
        io.stderr.write(DOT_HELP);
        break;
      case 'timer':
        this.#timer = command.value;
        break;
      case 'format':
        this.#format = command.value;
        break;
      case 'tables':
        await this.#answer('SHOW TABLES', signal);
        break;
      case 'datasets':
        await this.#show(
          listDatasets([...runtime.datasets(), ...runtime.catalogs().flatMap((each) => toRows(each, 0))]),
        );
        break;
      case 'schema':
        await this.#answer(command.table === undefined ? ALL_COLUMNS : `DESCRIBE ${command.table}`, signal);
        break;
      case 'explain':
        io.stdout.write(`${module.formatExplanation(await runtime.explain(command.sql, { ...sqlOptions, signal }))}\n`);
        break;
      case 'refresh': {
        io.stderr.write(`${await this.#refresh(command.dataset)}\n`);
        break;
      }
      case 'reload':
        io.stderr.write(describeReload(await runtime.reload()));
        break;
      default:
        command satisfies never;
    }
    return 'go_on';
  }

  /** Refreshes a dataset, or lists the tables of a catalog anew; says what that did. */
  async #refresh(name: string): Promise<string> {
    const { runtime, progress } = this.#parts;
    const isNamed = (each: { readonly name: string }) => each.name.toLowerCase() === name.toLowerCase();
    if (runtime.catalogs().some(isNamed) && !runtime.datasets().some(isNamed)) {
      await runtime.refreshCatalog(name);
      return `listed ${name}: ${runtime.catalogs().find(isNamed)?.tables.length ?? 0} tables`;
    }
    const { rowCount, durationMs, path } = await progress.during(runtime, runtime.refresh(name));
    if (path === 'reconnect') return `connected ${name}: it is read from its source`;
    return `refreshed ${name}: ${summarize(Number(rowCount), durationMs)}`;
  }

  /** Shows what a statement of the catalog answers; the options of the user's statements do not concern it. */
  async #answer(sql: string, signal: AbortSignal): Promise<void> {
    const result = await this.#parts.runtime.sql(sql, { signal });
    try {
      await this.#show({ schema: result.schema, batches: result });
    } finally {
      await result.close();
    }
  }

  async #show(result: Tabular): Promise<number> {
    const { rowCount } = await writeResult({ result, format: this.#format, output: this.#parts.io.stdout });
    return rowCount;
  }
}

const ALL_COLUMNS = `SELECT CASE WHEN table_catalog <> 'millrace' THEN table_catalog || '.' || table_schema || '.' || table_name
  WHEN table_schema = 'main' THEN table_name ELSE table_schema || '.' || table_name END AS "table",
  column_name AS "column", data_type AS "type", is_nullable AS "nullable"
FROM information_schema.columns ORDER BY table_catalog, table_schema, table_name, ordinal_position`;
