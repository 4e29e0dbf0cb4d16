import { schemasEqual } from '@millrace/arrow';
import type { CreateTableCommand, DataAccelerator, Schema } from '@millrace/core';
import type { AccelerationConfig } from '../config/index.ts';
import { toCopyName } from '../datasets/copy-names.ts';
import type { ConnectedSource, Dataset } from '../datasets/dataset.ts';
import type { EngineTable } from '../query/engine-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { hashDefinition } from './definition-hash.ts';
import { openRefreshSource } from './open-refresh-source.ts';
import type { RefreshSource } from './refresh-source.ts';
import { toTableKeys } from './table-keys.ts';
import { findTimeColumn, type TimeColumn } from './time-column.ts';

/** What a dataset's copy is and where its rows come from, as it follows from the columns that the source has. */
export interface CopyDefinition {
  /** The columns of the source that it follows from. */
  readonly sourceSchema: Schema;
  readonly source: RefreshSource;
  /** The source under the dataset's name. */
  readonly sourceTable: EngineTable;
  readonly timeColumn: TimeColumn | undefined;
  readonly command: CreateTableCommand;
  /** Rows come from this one from now on, which has the same columns. */
  connect(found: ConnectedSource): void;
}

/** What a definition follows from. */
export interface DefinitionRequest {
  readonly dataset: Dataset;
  readonly config: AccelerationConfig;
  readonly mode: 'full' | 'append';
  readonly engine: QueryEngine;
  /** Where rows come from; it need not be the dataset's own yet. */
  readonly found: ConnectedSource;
}

/** Opens what a definition holds. @throws MillraceError `invalid_config` for fields that do not fit the columns. */
export async function openDefinition(request: DefinitionRequest): Promise<CopyDefinition> {
  const { dataset, config, mode, engine, found } = request;
  let connected = found;
  const table: EngineTable = {
    name: dataset.name,
    origin: dataset.origin('source'),
    schema: found.provider.schema,
    provider: () => connected.provider,
  };
  const source = await openRefreshSource({ dataset, config, mode, engine, table });
  try {
    const { schema } = source;
    return {
      sourceSchema: table.schema,
      source,
      sourceTable: table,
      timeColumn: findTimeColumn(dataset.config, schema),
      command: {
        name: toCopyName(dataset.name, dataset.copyNumber),
        label: dataset.config.name.text,
        schema,
        mode: config.mode === 'memory' ? 'memory' : 'file',
        definitionHash: hashDefinition(dataset, config, mode),
        refreshMode: mode,
        ...toTableKeys(dataset.config, config, schema),
      },
      connect: (renewed) => {
        connected = renewed;
      },
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The columns that an accelerator's table has under a command. */
export function storedSchema(accelerator: DataAccelerator, command: CreateTableCommand): Schema {
  return accelerator.storedSchema?.(command) ?? command.schema;
}

/**
 * The command under which an accelerator finds the copy of an earlier process again: with the nullability that its columns have, or with these
 * very columns where the dataset's are others now, so that the rows are there until a refresh has decided what becomes of them.
 */
export function toFoundCommand(
  accelerator: DataAccelerator,
  command: CreateTableCommand,
  held: Schema,
): { readonly command: CreateTableCommand; readonly fits: boolean } {
  const fits = (wanted: CreateTableCommand): boolean => schemasEqual(storedSchema(accelerator, wanted), held);
  if (fits(command)) return { command, fits: true };
  const loosened = { ...command, schema: withNullsOf(command.schema, held) };
  return fits(loosened) ? { command: loosened, fits: true } : { command: { ...command, schema: held }, fits: false };
}

/** The schema with columns that may be null where those of another one may, or where that one lacks them. */
export function withNullsOf(schema: Schema, other: Schema): Schema {
  const fields = schema.fields.map(({ name, type, nullable, metadata }) => {
    const twin = other.fields.find((field) => field.name === name);
    return { name, type, nullable: nullable || (twin?.nullable ?? true), ...(metadata ? { metadata } : {}) };
  });
  return { fields, ...(schema.metadata ? { metadata: schema.metadata } : {}) };
}
