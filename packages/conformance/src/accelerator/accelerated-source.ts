import { batchFromRows } from '@millrace/arrow';
import { defineConnector, isMillraceError, MillraceError, type TableProvider } from '@millrace/core';
import type { ConnectorSubject, SourceRefusal, SourceTable, TableLocation } from '../subject.ts';
import type { Accelerated, OpenAcceleratedRequest } from './accelerator-context.ts';
import type { AcceleratorSubject } from './accelerator-subject.ts';
import { refreshTable } from './write-rows.ts';

/** Names that every engine takes; of others it may refuse some. */
const PLAIN_NAME = /^[a-z][a-z0-9_]*$/;

/**
 * Accelerated tables as the tables of a connector: one is made and loaded by a full refresh for every table that a check wants, so that what
 * is asked of every table can be asked of these.
 */
export function acceleratedSource(
  subject: AcceleratorSubject,
  open: (request: OpenAcceleratedRequest) => Promise<Accelerated>,
): ConnectorSubject {
  const tables = new Map<string, TableProvider>();
  const locate = (name: string): TableLocation => ({ name, path: name });

  const accelerate = async ({ name, schema, rows }: SourceTable): Promise<TableLocation | SourceRefusal> => {
    const hash = JSON.stringify([name, schema.fields.map((each) => each.name)]);
    try {
      const { table } = await open({ name, fields: schema.fields, definitionHash: hash });
      await refreshTable(table, { schema, rows, batchRowCount: 50_000 });
      tables.set(name, table);
      return locate(name);
    } catch (error) {
      const names = [name, ...schema.fields.map((field) => field.name)];
      if (!isMillraceError(error) || names.every((each) => PLAIN_NAME.test(each))) throw error;
      return { refused: error.message };
    }
  };

  return {
    plugin: defineConnector({
      id: 'accelerated',
      prefix: 'accelerated',
      parameters: [],
      create: () => ({
        async readProvider({ path }) {
          const table = tables.get(path);
          if (table !== undefined) return table;
          throw new MillraceError({ code: 'not_found', component: 'suite', message: `no table ${path} was made` });
        },
        async close() {},
        async [Symbol.asyncDispose]() {},
      }),
    }),
    parameters: {},
    source: {
      present: (field) => (subject.present === undefined ? field : subject.present(field)),
      ...(subject.holds && { holds: subject.holds }),
      ...(subject.maxColumns !== undefined && { maxColumns: subject.maxColumns }),
      missingTable: locate,
      createTable: accelerate,
    },
    async close() {},
  };
}

/** The fields that readers of an accelerated table get. */
export function presentedFields(
  subject: AcceleratorSubject,
  fields: OpenAcceleratedRequest['fields'] & {},
): NonNullable<OpenAcceleratedRequest['fields']> {
  return fields.map((field) => {
    const presented = subject.present === undefined ? field : subject.present(field);
    if (presented !== undefined) return presented;
    throw new TypeError(`the accelerator has no type for column ${field.name}`);
  });
}

/** Rows as readers of an accelerated table see them. */
export function presentedBatch(
  subject: AcceleratorSubject,
  { schema, rows }: Pick<SourceTable, 'schema' | 'rows'>,
): ReturnType<typeof batchFromRows> {
  return batchFromRows({ fields: presentedFields(subject, schema.fields) }, rows);
}
