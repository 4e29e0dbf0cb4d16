import { dataTypes, type Field, field } from '@millrace/core';

/** A column that is read as it is written. */
export function textField(name: string): Field {
  return field(name, dataTypes.utf8());
}
