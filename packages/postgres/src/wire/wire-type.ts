import type { DataType } from '@millrace/core';

/** How the server sends the values of a type, and what they become. */
export type WireType =
  | {
      readonly kind: 'bool' | 'int16' | 'int32' | 'uint32' | 'float32' | 'float64' | 'date' | 'interval';
      readonly oid: number;
    }
  /** int8 and times of day: 64 bits as they are. */
  | { readonly kind: 'int64'; readonly oid: number; readonly type: DataType }
  | { readonly kind: 'timestamp'; readonly oid: number; readonly type: DataType }
  | { readonly kind: 'decimal'; readonly oid: number; readonly precision: number; readonly scale: number }
  | {
      readonly kind: 'bytes';
      readonly oid: number;
      readonly form: 'plain' | 'padded' | 'versioned' | 'uuid' | 'character';
      readonly type: DataType;
    }
  | { readonly kind: 'enum'; readonly oid: number; readonly labels: readonly string[]; readonly type: DataType }
  | {
      readonly kind: 'list';
      readonly oid: number;
      readonly item: WireType;
      readonly dimensions: number;
      readonly type: DataType;
    }
  | {
      readonly kind: 'struct';
      readonly oid: number;
      readonly members: readonly WireType[];
      readonly type: DataType;
    };
