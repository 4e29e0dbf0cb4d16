import type { MillraceError, TableProvider } from '@millrace/core';
import type { ConnectedSource } from './dataset.ts';
import type { KnownSource } from './known-sources.ts';

/** What stands for a source that cannot be reached. */
export interface AbsentSourceParts {
  readonly known: KnownSource;
  /** Why it cannot be reached. */
  readonly failure: MillraceError;
  /** Looks for the source. @throws MillraceError why it is still not there, or that it has other columns now. */
  readonly find: () => Promise<TableProvider>;
}

/** A source with the columns that it had before, which is looked for at every scan. */
export function createAbsentSource({ known, failure, find }: AbsentSourceParts): ConnectedSource {
  return {
    absence: failure,
    provider: {
      schema: known.schema,
      tableType: 'base',
      scan: async (request, context) => (await find()).scan(request, context),
    },
    connector: {
      readProvider: () => find(),
      resolveRefreshMode: () => known.mode,
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    },
  };
}
