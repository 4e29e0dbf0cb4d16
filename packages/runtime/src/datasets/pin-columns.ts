import { MillraceError, type Schema, type TableProvider } from '@millrace/core';
import { haveSameTypes } from '../acceleration/queried-rows.ts';

/**
 * A table as long as it has these columns: a statement that was planned over them must not read others. A refresh may change them between two
 * steps of the statement, which then begins anew.
 *
 * @throws MillraceError `conflict` where it has others, as do the methods of the table later.
 */
export function pinColumns(provider: TableProvider, schema: Schema, component: string): TableProvider {
  const check = (): void => {
    if (provider.schema === schema || haveSameTypes(provider.schema, schema)) return;
    throw new MillraceError({
      code: 'conflict',
      component,
      message: 'its columns have changed while the statement was prepared',
      hint: 'Run the statement again.',
      retryable: true,
    });
  };
  check();
  const { tableType, source, constraints, metadataColumns, nativeRelation } = provider;
  return {
    schema,
    tableType,
    ...(source === undefined ? {} : { source }),
    ...(constraints === undefined ? {} : { constraints }),
    ...(metadataColumns === undefined ? {} : { metadataColumns }),
    scan: (request, context) => {
      check();
      return provider.scan(request, context);
    },
    ...(nativeRelation
      ? {
          nativeRelation: (context) => {
            check();
            return provider.nativeRelation?.(context);
          },
        }
      : {}),
  };
}
