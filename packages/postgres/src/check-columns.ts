import { MillraceError } from '@millrace/core';
import type { FieldDef } from 'pg';
import type { WireColumn } from './wire-column.ts';

/**
 * Compares the columns that the server is about to send with those that were planned with: bytes of another type would be misread.
 *
 * @throws MillraceError `conflict` when the table was changed in between.
 */
export function checkColumns(columns: readonly WireColumn[], fields: readonly FieldDef[], component: string): void {
  if (columns.length === 0) return;
  const changed = columns.find(({ wire }, index) => {
    const given = fields[index];
    if (given === undefined || given.dataTypeID !== wire.oid) return true;
    return wire.kind === 'decimal' && !hasShape(given.dataTypeModifier, wire.precision, wire.scale);
  });
  if (changed === undefined && fields.length === columns.length) return;
  throw new MillraceError({
    code: 'conflict',
    component,
    connector: 'postgres',
    message: `the type of the column ${JSON.stringify(changed?.name ?? columns[0]?.name)} changed after the scan was planned`,
    hint: 'Reload the dataset',
    retryable: false,
  });
}

/** A modifier that is less strict than the one planned with could bring values that do not fit; those are reported one by one. */
function hasShape(modifier: number, precision: number, scale: number): boolean {
  if (modifier < 0) return true;
  const given = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
  return given <= scale && (((modifier - 4) >> 16) & 0xffff) - given <= precision - scale;
}
