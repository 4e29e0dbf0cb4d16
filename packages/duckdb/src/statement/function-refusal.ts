import { nearestName } from '@millrace/core';
import { ALLOWED_FUNCTIONS } from './allowed-functions.generated.ts';
import { asciiLowerCase } from './ascii-lower-case.ts';
import { REACHABLE } from './refusal.ts';
import { refusedFunction } from './refused-functions.ts';
import { TABLE_FUNCTIONS } from './syntax-kinds.ts';

/** The binder resolves these without a catalog entry that `duckdb_functions()` would list. */
const BINDER_FUNCTIONS: ReadonlySet<string> = new Set(['unlist', 'unnest']);

const allowed: ReadonlySet<string> = new Set([...ALLOWED_FUNCTIONS, ...BINDER_FUNCTIONS]);

/** Why a scalar, aggregate or window function cannot be called, or undefined when it can; a schema in front changes nothing. */
export function functionRefusal(name: string): { readonly message: string; readonly hint: string } | undefined {
  const folded = asciiLowerCase(name);
  if (allowed.has(folded)) {
    return undefined;
  }
  const reason = refusedFunction(folded);
  if (reason !== undefined) {
    return { message: `the function ${JSON.stringify(name)} ${reason}`, hint: REACHABLE };
  }
  const nearest = nearestName(folded, [...allowed, ...TABLE_FUNCTIONS]);
  return {
    message: `there is no function ${JSON.stringify(name)} that a query may call`,
    hint: nearest === undefined ? REACHABLE : `Did you mean ${nearest}?`,
  };
}
