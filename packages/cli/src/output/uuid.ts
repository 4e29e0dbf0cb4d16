import { type Field, TypeId } from '@millrace/core';

/**
 * Tells whether a column holds UUIDs. Source: the canonical extension types of Arrow,
 * https://arrow.apache.org/docs/format/CanonicalExtensions.html#uuid
 */
export function isUuid({ type, metadata }: Pick<Field, 'type' | 'metadata'>): boolean {
  return type.typeId === TypeId.FixedSizeBinary && metadata?.get('ARROW:extension:name') === 'arrow.uuid';
}

/** 16 bytes as `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`. */
export function formatUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
