import { describeType } from '@millrace/arrow';
import { MillraceError, type Schema } from '@millrace/core';
import type { DuckDbDatabase } from '@millrace/duckdb';
import { haveSameTypes } from '../acceleration/queried-rows.ts';
import type { ViewConfig } from '../config/index.ts';
import { declaredSchema } from './declared-schema.ts';
import { viewError } from './view-error.ts';

/**
 * Makes sure that a view has the columns that it declares, in their order.
 * @throws MillraceError `invalid_config` with both lists; for a type that is not known.
 */
export async function checkViewColumns(view: ViewConfig, given: Schema, database: DuckDbDatabase): Promise<void> {
  const declared = await declaredSchema(view, database).catch((error: unknown) => {
    throw viewError(view, error);
  });
  if (!declared || haveSameTypes(declared, given)) return;
  const location = view.location('columns');
  throw new MillraceError({
    code: 'invalid_config',
    component: `view ${view.name.text}`,
    message: `its query gives ${describeColumns(given)}, and \`columns\` declare ${describeColumns(declared)}`,
    hint: 'Change one of them; CAST gives a column another type.',
    ...(location ? { location } : {}),
  });
}

function describeColumns({ fields }: Schema): string {
  return `(${fields.map(({ name, type }) => `${name} ${describeType(type)}`).join(', ')})`;
}
