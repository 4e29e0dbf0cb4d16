import { MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import { describeType } from './describe-type.ts';

/** Who takes a batch, as errors say it. */
export interface BatchTaker {
  readonly component: string;
  readonly connector: string;
}

/**
 * Makes sure that the columns of a batch are those of the table that it is written to: as many, and by position of the same types.
 *
 * @throws MillraceError `schema_mismatch`.
 */
export function checkColumns({ data: { children } }: RecordBatch, { fields }: Schema, taker: BatchTaker): void {
  const mismatch = (message: string): MillraceError =>
    new MillraceError({
      code: 'schema_mismatch',
      ...taker,
      message,
      hint: 'If the source has changed its columns, refresh again: the host looks at them before each refresh',
    });
  if (children.length !== fields.length)
    throw mismatch(`a batch has ${children.length} columns where the table has ${fields.length}`);
  for (const [ordinal, { name, type }] of fields.entries()) {
    const held = children[ordinal]?.type;
    if (held === type) continue;
    const [found, wanted] = [held === undefined ? 'nothing' : describeType(held), describeType(type)];
    if (found !== wanted)
      throw mismatch(`column ${JSON.stringify(name)} is ${found} in a batch and ${wanted} in the table`);
  }
}
