import { toNameKey } from '../config/table-name.ts';

/** The keys of what a reload could not change, by names as they are written: the old one and the new one may differ in case. */
export function failedKeys(failed: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  return new Set([...failed.keys()].map(toNameKey));
}
