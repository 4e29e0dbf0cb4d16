import { type ChangedTable, checkChanges } from '@millrace/arrow';
import type { RowSink } from './load-writer.ts';

/** A sink of change rows: what the given one is not to take is refused before it gets it. @throws MillraceError as `checkChanges` does, in `write`. */
export function checkedChanges(sink: RowSink, table: ChangedTable): RowSink {
  return {
    async write(batch) {
      checkChanges(batch, table);
      await sink.write(batch);
    },
    finish: () => sink.finish(),
    discard: (reason) => sink.discard(reason),
  };
}
