import { changeSchema, type Schema } from '@millrace/core';

/** The columns of a table in which changes wait: as of `changeSchema`, but the last one has a name that no other has, whatever its case. */
export function stagedChangeSchema(schema: Schema): Schema {
  const { fields, ...rest } = changeSchema(schema);
  const taken = new Set(schema.fields.map(({ name }) => name.toLowerCase()));
  let name = '__millrace_change';
  while (taken.has(name)) name += '_';
  return { ...rest, fields: [...fields.slice(0, -1), { ...fields.at(-1)!, name }] };
}
