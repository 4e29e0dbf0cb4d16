import {
  type ConnectorPlugin,
  type DataConnector,
  type DatasetSource,
  defineConnector,
  type PluginContext,
  type ScanContext,
  type TableProvider,
} from '@millrace/core';
import { createArrowTable } from './arrow/create-arrow-table.ts';
import { createFileReader } from './create-file-reader.ts';
import { createFileTable } from './create-file-table.ts';
import { FileEngine } from './engine.ts';
import { chooseFormat } from './file-format.ts';
import { locateFiles } from './locate-files.ts';
import { fileParameters } from './parameters.ts';
import { readOptionsOf } from './read-options.ts';

/** The connector of local files: `from: file:data/orders/*.parquet`. */
export const fileConnector: ConnectorPlugin = defineConnector({
  id: 'file',
  prefix: 'file',
  parameters: fileParameters,
  create: (_, context) => createConnector(context),
});

function createConnector({ baseDirectory, memory }: PluginContext): DataConnector {
  const engine = new FileEngine(memory);
  const readProvider = async (dataset: DatasetSource, { signal }: ScanContext): Promise<TableProvider> => {
    await engine.database();
    const component = `dataset ${dataset.name}`;
    const list = () => locateFiles({ path: dataset.path, baseDirectory, component });
    const files = await list();
    const schemaPath = dataset.parameters.string('schema_source_path');
    const schemaFiles =
      schemaPath === undefined ? [] : await locateFiles({ path: schemaPath, baseDirectory, component });
    const paths = files.map(({ path }) => path);
    const choice = chooseFormat(dataset.parameters, paths, component);
    const { format } = choice;
    const table = {
      component,
      signal,
      files,
      list,
      source: `file ${dataset.path}`,
      ...(schemaFiles[0] ? { schemaFile: schemaFiles[0] } : {}),
      ...(dataset.schema ? { declared: dataset.schema } : {}),
    };
    if (format === 'arrow') return createArrowTable({ ...table, engine });
    const options = readOptionsOf(dataset.parameters, component);
    const reader = createFileReader({ ...choice, format }, { engine, options, component });
    return createFileTable({ ...table, engine, reader, format, options });
  };
  const close = () => engine.close();
  return { readProvider, close, [Symbol.asyncDispose]: close };
}
