import { MillraceError, type RecordBatch, type Schema } from '@millrace/core';
import { describeType } from '../schema/describe-type.ts';

/** @throws MillraceError `schema_mismatch` unless the batch has the schema's columns; column names, nullability and metadata may differ. */
export function checkColumns(schema: Schema, batch: RecordBatch): void {
  const { children } = batch.data;
  if (children.length !== schema.fields.length) {
    throw mismatch(`a batch has ${children.length} columns where the schema has ${schema.fields.length}`);
  }
  for (const [ordinal, field] of schema.fields.entries()) {
    const type = children[ordinal]?.type;
    if (type === field.type) continue;
    const held = type ? describeType(type) : 'nothing';
    const declared = describeType(field.type);
    if (held !== declared)
      throw mismatch(`column '${field.name}' is ${held} in a batch, but ${declared} in the schema`);
  }
}

function mismatch(message: string): MillraceError {
  return new MillraceError({
    code: 'schema_mismatch',
    component: 'arrow',
    message,
    hint: 'Make every batch with the schema that was announced.',
  });
}
