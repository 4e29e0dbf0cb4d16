import type { Field } from '@millrace/core';

/**
 * Names under `ARROW:extension:name` in a field's metadata: what a DuckDB type without an Arrow twin is called while it
 * travels in an Arrow storage type. `arrow.*` and `geoarrow.*` are published names, `millrace.*` are this package's own.
 *
 * Source: https://arrow.apache.org/docs/format/CanonicalExtensions.html, https://geoarrow.org/extension-types.html
 */
export const EXTENSION = {
  uuid: 'arrow.uuid',
  json: 'arrow.json',
  geometry: 'geoarrow.wkb',
  hugeint: 'millrace.hugeint',
  uhugeint: 'millrace.uhugeint',
  bit: 'millrace.bit',
  timeWithZone: 'millrace.timetz',
  bignum: 'millrace.bignum',
  /** Its extension metadata is a JSON array of the members, because a schema does not hold a dictionary's values. */
  enum: 'millrace.enum',
} as const;

const NAME_KEY = 'ARROW:extension:name';
const METADATA_KEY = 'ARROW:extension:metadata';

/** Field metadata that names an extension, with the extension's own metadata where it has some. */
export function extensionMetadata(name: string, metadata?: string): ReadonlyMap<string, string> {
  const entries = new Map([[NAME_KEY, name]]);
  if (metadata !== undefined) {
    entries.set(METADATA_KEY, metadata);
  }
  return entries;
}

/** The extension that a field names, or undefined. */
export function extensionName(field: Pick<Field, 'metadata'>): string | undefined {
  return field.metadata?.get(NAME_KEY);
}

/** The extension's own metadata, or undefined. */
export function extensionDetail(field: Pick<Field, 'metadata'>): string | undefined {
  return field.metadata?.get(METADATA_KEY);
}
