import type { SourceColumn } from '@millrace/sql';
import type { WireType } from './wire/wire-type.ts';

/** A column that is read: what the SQL kit needs, and how it arrives. */
export interface WireColumn extends SourceColumn {
  readonly wire: WireType;
  /** The type as which texts opposite of the column are sent, where it is not `text`. */
  readonly parameterType?: { readonly sqlType: string; readonly oid: number };
  /** Which texts can be compared with the column; undefined for all. */
  readonly literals?: ColumnLiterals;
}

/** Which texts can be values of a column. */
export type ColumnLiterals =
  | { readonly kind: 'uuid' }
  | { readonly kind: 'labels'; readonly labels: readonly string[] }
  | { readonly kind: 'unpadded' };
