import type { LiteralValue } from '@millrace/core';
import type { Dialect } from '../dialect.ts';
import type { BoundParameter } from '../sql-text.ts';

/** Half of a surrogate pair: no character, and a replacement character once it is written as UTF-8. */
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Tells whether a value, or every value of a list, reaches the source unchanged. */
export function canBind(parameter: BoundParameter, dialect: Dialect): boolean {
  const { value } = parameter;
  const values = isList(value) ? value : [value];
  if (values.some((one) => typeof one === 'string' && LONE_SURROGATE.test(one))) return false;
  if (dialect.canBind === undefined) return true;
  return values.every((one) => dialect.canBind?.({ ...parameter, value: one }) === true);
}

function isList(value: BoundParameter['value']): value is readonly LiteralValue[] {
  return Array.isArray(value);
}
