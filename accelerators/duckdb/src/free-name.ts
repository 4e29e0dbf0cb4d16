import type { Schema } from '@millrace/core';

/** A name that no column has, whatever its case. */
export function freeName(wanted: string, { fields }: Schema): string {
  const taken = new Set(fields.map(({ name }) => name.toLowerCase()));
  let name = wanted;
  while (taken.has(name)) name += '_';
  return name;
}
