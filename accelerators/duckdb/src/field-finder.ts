import type { Schema } from '@millrace/core';
import type { FieldOfPath } from '@millrace/duckdb';

/** Finds fields of a table by path, members of structs included. */
export function fieldFinder({ fields }: Schema): FieldOfPath {
  return ([column, ...members]) => {
    let found = fields.find(({ name }) => name === column);
    for (const member of members) found = found?.type.children?.find(({ name }) => name === member);
    return found;
  };
}
