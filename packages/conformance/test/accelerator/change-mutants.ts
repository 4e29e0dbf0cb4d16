import { createValueReader, takeRows } from '@millrace/arrow';
import { CHANGE_TYPE_COLUMN, type RecordBatch } from '@millrace/core';
import { mapValues } from '../mutate.ts';
import {
  type AcceleratorMutant,
  acceleratedMutant,
  batchMutant,
  commandMutant,
  override,
  sessionMutant,
} from './mutate-accelerator.ts';

/** Writes other changes than those that come. */
function changeMutant(
  name: string,
  found: readonly string[],
  change: (batch: RecordBatch, kindOf: (row: number) => unknown) => RecordBatch,
): AcceleratorMutant {
  return batchMutant(name, found, (batch) =>
    isChanges(batch) ? change(batch, createValueReader(batch.data.children.at(-1)!)) : batch,
  );
}

function isChanges({ schema }: RecordBatch): boolean {
  return schema.fields.at(-1)?.name === CHANGE_TYPE_COLUMN;
}

function rowsWhere(batch: RecordBatch, test: (row: number) => boolean): RecordBatch {
  return takeRows(batch, Array.from({ length: batch.numRows }, (_, row) => row).filter(test));
}

/** Accelerators that apply changes wrongly. */
export const CHANGE_MUTANTS: readonly AcceleratorMutant[] = [
  changeMutant('leaves deletes out', ['changes/kinds', 'changes/random-operations'], (batch, kindOf) =>
    rowsWhere(batch, (row) => kindOf(row) !== 'delete'),
  ),
  changeMutant(
    'takes images before an update for nothing',
    ['changes/kinds', 'changes/random-operations'],
    (batch, kindOf) => rowsWhere(batch, (row) => kindOf(row) !== 'update_preimage'),
  ),
  changeMutant('applies changes in any order', ['changes/last-change-counts', 'changes/random-operations'], (batch) =>
    takeRows(
      batch,
      Array.from({ length: batch.numRows }, (_, row) => batch.numRows - 1 - row),
    ),
  ),
  changeMutant('does not know truncate', ['changes/truncate'], (batch, kindOf) =>
    rowsWhere(batch, (row) => kindOf(row) !== 'truncate'),
  ),
  commandMutant(
    'applies changes by the first column of a key',
    ['changes/keys', 'changes/random-operations'],
    (command) => ({
      ...command,
      ...(command.primaryKey && { primaryKey: command.primaryKey.slice(0, 1) }),
    }),
  ),
  changeMutant('reads changes through numbers', ['changes/values-of-every-type'], (batch) =>
    mapValues(batch, (value) => (typeof value === 'bigint' && value < 2n ** 62n ? BigInt(Number(value)) : value)),
  ),
  ...['changes/random-operations', 'files/changes-are-found-again'].map((id) =>
    sessionMutant(`keeps no offset of changes, says ${id}`, [id], (session, { request }) => ({
      commit: ({ offset, ...rest }) =>
        session.commit(request.mode.kind === 'changes' || offset === undefined ? rest : { ...rest, offset }),
    })),
  ),
  countingChanges(),
  commandMutant('takes the first column for a key', ['changes/refusals'], (command) => ({
    ...command,
    primaryKey: command.primaryKey ?? [command.schema.fields[0]!.name],
  })),
  commandMutant(
    'forgets unique indexes when it applies changes',
    ['changes/unique-indexes'],
    ({ indexes: _, ...command }) => command,
  ),
];

function countingChanges(): AcceleratorMutant {
  return acceleratedMutant('counts rows by the kinds of changes', ['changes/again'], (table) => {
    let rowCount = 0n;
    return {
      get checkpoint() {
        return table.checkpoint && { ...table.checkpoint, rowCount };
      },
      async beginRefresh(request, context) {
        const session = await table.beginRefresh(request, context);
        let change = 0n;
        return override(session, {
          async writer() {
            const writer = await session.writer();
            return override(writer, {
              write(batch) {
                const kindOf = createValueReader(batch.data.children.at(-1)!);
                for (let row = 0; row < batch.numRows; row += 1) {
                  if (!isChanges(batch) || kindOf(row) === 'insert') change += 1n;
                  else if (kindOf(row) === 'delete') change -= 1n;
                }
                return writer.write(batch);
              },
            });
          },
          async commit(checkpoint) {
            const result = await session.commit(checkpoint);
            rowCount = request.mode.kind === 'changes' ? rowCount + change : change;
            return result;
          },
        });
      },
    };
  });
}
