import type { ScanRequest } from '@millrace/core';
import { createRefuse, type Origin } from './refuse.ts';

/** @throws MillraceError `unsupported` for an older version or a metadata column, which an accelerated table has none of. */
export function requireCurrentRows({ at, metadataColumns }: ScanRequest, origin: Origin): void {
  const missing = at ? 'older versions' : metadataColumns?.length ? 'metadata columns' : undefined;
  if (missing === undefined) return;
  throw createRefuse(origin)(
    'unsupported',
    `the accelerated table has no ${missing}`,
    'Read them from a dataset that is not accelerated',
  );
}
