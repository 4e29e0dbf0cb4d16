import { availableParallelism } from 'node:os';
import { cancelledError, type ExecutionPlan, MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import { anySignal } from '../lifetime.ts';

/** How many partitions of one scan are read at the same time, and how many a provider is told to aim for: 2 to 4. */
export const PARTITION_LIMIT: number = Math.min(4, Math.max(2, availableParallelism()));

/** One step of one partition: a batch, its end, or its failure. */
type Arrival =
  | { readonly iterator: AsyncIterator<RecordBatch>; readonly result: IteratorResult<RecordBatch> }
  | { readonly iterator: AsyncIterator<RecordBatch>; readonly error: unknown };

/**
 * The batches of all partitions of a plan; up to {@link PARTITION_LIMIT} partitions are read at the same time, in no particular order,
 * each one batch ahead. Leaving the loop stops them all, and so does the failure of one; all have ended by then.
 *
 * @throws MillraceError `schema_mismatch` for a batch with other columns than the plan's, whatever a partition throws, `cancelled`.
 */
export async function* readPlan(
  plan: ExecutionPlan,
  signal: AbortSignal,
): AsyncGenerator<RecordBatch, void, undefined> {
  const waiting = [...plan.partitions];
  const stop = new AbortController();
  const context = { signal: anySignal([signal, stop.signal]) };
  const reading = new Map<AsyncIterator<RecordBatch>, Promise<void>>();
  const arrived: Arrival[] = [];
  // A partition that is slow is awaited once, not with every batch of the others.
  let wake = (): void => {};
  const pull = async (iterator: AsyncIterator<RecordBatch>): Promise<void> => {
    try {
      arrived.push({ iterator, result: await iterator.next() });
    } catch (error) {
      arrived.push({ iterator, error });
    }
    wake();
  };
  const open = () => {
    const partition = waiting.shift();
    if (!partition) return;
    const iterator = plan.execute(partition, context)[Symbol.asyncIterator]();
    reading.set(iterator, pull(iterator));
  };
  const verify = createVerifier(plan);
  try {
    for (let count = 0; count < PARTITION_LIMIT; count += 1) open();
    while (reading.size > 0) {
      const arrival = arrived.shift();
      if (!arrival) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      if ('error' in arrival) throw arrival.error;
      if (signal.aborted) throw cancelledError('scan', signal);
      const { iterator, result } = arrival;
      if (result.done) {
        reading.delete(iterator);
        open();
      } else {
        verify(result.value);
        reading.set(iterator, pull(iterator));
        yield result.value;
      }
    }
  } finally {
    const pending = [...reading];
    // A partition that waits for its source would else be waited for.
    if (pending.length > 0) stop.abort();
    await Promise.all(pending.map(([, pulled]) => pulled));
    await Promise.allSettled(pending.map(([iterator]) => iterator.return?.()));
  }
}

/** The batches of a scan of which it is known that no row can matter. */
export async function* noBatches(): AsyncGenerator<RecordBatch, void, undefined> {}

/**
 * Makes sure that a plan yields the columns that were asked for, as a source may have changed since it was connected.
 * @throws MillraceError `schema_mismatch`.
 */
export function checkColumns(expected: Schema, plan: ExecutionPlan): void {
  if (!hasSameColumns(expected, plan.schema)) throw changed(plan);
}

/** Checks each batch by its columns' names and number; the same schema object again costs one comparison. */
function createVerifier(plan: ExecutionPlan): (batch: RecordBatch) => void {
  let verified: Schema = plan.schema;
  return ({ schema }) => {
    if (schema === verified) return;
    if (!hasSameColumns(plan.schema, schema)) throw changed(plan);
    verified = schema;
  };
}

/** Types are compared where the columns' buffers are read. */
function hasSameColumns({ fields: left }: Schema, { fields: right }: Schema): boolean {
  return left.length === right.length && left.every(({ name }, index) => name === right[index]?.name);
}

function changed(plan: ExecutionPlan): MillraceError {
  return new MillraceError({
    code: 'schema_mismatch',
    component: plan.explain().source,
    message: 'the source delivers other columns than it announced',
    hint: 'If its table was changed, restart the runtime or refresh the catalog; else this is a defect of the connector',
  });
}
