import { type ConnectorPlugin, resolveParameters, type TableProvider } from '@millrace/core';

/** A table of a source, opened through its connector alone. */
export interface SourceTable extends AsyncDisposable {
  readonly table: TableProvider;
}

/** What is opened: parameters are given to the connector and to its table. */
export interface SourceTableRequest {
  readonly plugin: ConnectorPlugin;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Opens a table through its connector, without a runtime. */
export async function openSourceTable({ plugin, path, parameters }: SourceTableRequest): Promise<SourceTable> {
  const resolved = resolveParameters({
    specs: plugin.parameters,
    prefix: plugin.prefix,
    given: new Map(Object.entries(parameters).map(([name, text]) => [name, { text }])),
    component: 'bench',
    connector: plugin.id,
  });
  const { signal } = new AbortController();
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const connector = await plugin.create(resolved, { signal, logger, baseDirectory: process.cwd() });
  const close = () => connector.close();
  try {
    const table = await connector.readProvider({ name: path, path, parameters: resolved }, { signal });
    return { table, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
