import type { Expr, LiteralValue } from '@millrace/core';
import { canBind } from './can-bind.ts';
import { bindBeside } from './comparison.ts';
import { conjunction, disjunction } from './junction.ts';
import { toOperand } from './operand.ts';
import { placeLiteral } from './place-literal.ts';
import { ALWAYS, type Condition, exactly, NEVER, type Operand, type Translation, type Wanted } from './translation.ts';

type CallExpr = Extract<Expr, { readonly kind: 'call' }>;

/** Lists up to here are written value by value even where the dialect can bind an array. */
const SHORT_LIST = 16;

/** Writes `in` over literals. A NULL among them finds nothing, and leaves nothing that is certainly not in the list. */
export function membership(call: CallExpr, wanted: Wanted, translation: Translation): Condition | undefined {
  const [value, ...items] = call.args;
  if (value === undefined) return undefined;
  if (items.length === 0) return wanted === 'true' ? NEVER : ALWAYS;
  const operand = toOperand(value, translation);
  if (operand === undefined || value.kind === 'literal') return undefined;
  const found = placeItems(items, operand, translation);
  if (found === undefined) return undefined;
  if (wanted === 'true') return found.values.length === 0 ? NEVER : isIn(operand, found.values, translation);
  if (found.holdsNull) return NEVER;
  if (found.values.length === 0) return exactly(`${operand.sql} IS NOT NULL`);
  return isNotIn(operand, found.values, translation);
}

interface PlacedItems {
  /** In the operand's own type, without NULL and without what no value of the type can equal; each once. */
  readonly values: readonly NonNullable<LiteralValue>[];
  readonly holdsNull: boolean;
}

function placeItems(items: readonly Expr[], operand: Operand, translation: Translation): PlacedItems | undefined {
  const values = new Map<unknown, NonNullable<LiteralValue>>();
  let holdsNull = false;
  for (const item of items) {
    if (item.kind !== 'literal') return undefined;
    if (item.value === null) {
      holdsNull = true;
      continue;
    }
    const placed = placeLiteral(item, operand, translation.profile);
    if (placed === undefined) return undefined;
    if (placed.place !== 'at') continue;
    values.set(
      placed.value instanceof Uint8Array ? Buffer.from(placed.value).toString('latin1') : placed.value,
      placed.value,
    );
  }
  return { values: [...values.values()], holdsNull };
}

function isIn(operand: Operand, values: readonly LiteralValue[], translation: Translation): Condition | undefined {
  if (translation.lists === 'ranges' && values.length > SHORT_LIST) return spanOf(operand, values, translation);
  const { equality, asBytes, literalAsBytes } = operand.semantics;
  const plain = (): string | undefined => listTest(operand, operand.sql, values, 'in', translation);
  const narrow = operand.indexed ?? (equality === 'wider' && asBytes !== undefined ? operand.sql : undefined);
  if (translation.lists === 'once' && values.length > SHORT_LIST && narrow !== undefined) {
    const once = listTest(operand, narrow, values, 'in', translation);
    return once === undefined ? undefined : { sql: once, degree: 'inexact' };
  }
  if (equality === 'same' && operand.indexed !== undefined) {
    const [value, indexed] = [plain(), listTest(operand, operand.indexed, values, 'in', translation)];
    return exactly(value && indexed && `(${indexed} AND ${value})`);
  }
  if (equality === 'same') return exactly(plain());
  if (asBytes !== undefined) {
    const bytes = listTest(operand, asBytes(operand.sql), values, 'in', translation, literalAsBytes);
    if (equality === 'unknown' || bytes === undefined) return exactly(bytes);
    const wide = plain();
    return exactly(wide && `(${wide} AND ${bytes})`);
  }
  const wider = equality === 'wider' ? plain() : undefined;
  return wider === undefined ? undefined : { sql: wider, degree: 'inexact' };
}

function isNotIn(operand: Operand, values: readonly LiteralValue[], translation: Translation): Condition | undefined {
  if (translation.lists === 'ranges' && values.length > SHORT_LIST) return undefined;
  const { equality, asBytes, literalAsBytes } = operand.semantics;
  if (equality === 'same') return exactly(listTest(operand, operand.sql, values, 'not_in', translation));
  return exactly(asBytes && listTest(operand, asBytes(operand.sql), values, 'not_in', translation, literalAsBytes));
}

/** All values between the least and the greatest of the list: more rows, and only where both mean the same at the source. */
function spanOf(operand: Operand, values: readonly LiteralValue[], translation: Translation): Condition | undefined {
  const { order, asBytes, literalAsBytes } = operand.semantics;
  if (order !== 'same' && asBytes === undefined) return undefined;
  const sorted = sortValues(values);
  const [least, greatest] = sorted ?? [];
  if (least === undefined || greatest === undefined) return undefined;
  const sql = order === 'same' ? operand.sql : asBytes!(operand.sql);
  const opposite = order === 'same' ? undefined : literalAsBytes;
  const low = bindBeside(operand, { value: least, type: operand.type }, translation);
  const high = bindBeside(operand, { value: greatest, type: operand.type }, translation);
  if (low === undefined || high === undefined) return undefined;
  return {
    sql: `(${sql} >= ${opposite?.(low) ?? low} AND ${sql} <= ${opposite?.(high) ?? high})`,
    degree: 'inexact',
  };
}

type Ordered = NonNullable<LiteralValue>;

/** Least and greatest of numbers or texts, texts by code points; NaN is above every number. */
function sortValues(values: readonly LiteralValue[]): readonly [Ordered, Ordered] | undefined {
  let least: Ordered | undefined;
  let greatest: Ordered | undefined;
  for (const value of values) {
    if (value === null || typeof value === 'object' || typeof value === 'boolean') return undefined;
    if (least === undefined || isBelow(value, least)) least = value;
    if (greatest === undefined || isBelow(greatest, value)) greatest = value;
  }
  return least === undefined || greatest === undefined ? undefined : [least, greatest];
}

function isBelow(left: Ordered, right: Ordered): boolean {
  if (typeof left === 'string' && typeof right === 'string') {
    return Buffer.compare(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8')) < 0;
  }
  return left < right || (Number.isNaN(right) && !Number.isNaN(left));
}

/** One array where the dialect can bind it, else a placeholder for each value, in lists that are as long as the source takes them. */
function listTest(
  operand: Operand,
  sql: string,
  values: readonly LiteralValue[],
  test: 'in' | 'not_in',
  translation: Translation,
  opposite?: (sql: string) => string,
): string | undefined {
  const { dialect } = translation;
  if (values.length > SHORT_LIST && dialect.listTest !== undefined && opposite === undefined) {
    const parameter = {
      value: values,
      type: operand.type,
      ...(operand.column !== undefined && { column: operand.column }),
    };
    if (!canBind(parameter, dialect)) return undefined;
    const text = dialect.listTest({ value: sql, list: translation.bind(parameter), type: operand.type, test });
    if (text !== undefined) return text;
  }
  const length = dialect.maxListLength ?? values.length;
  const lists: Condition[] = [];
  for (let start = 0; start < values.length; start += length) {
    const marks: string[] = [];
    for (const value of values.slice(start, start + length)) {
      const mark = bindBeside(operand, { value: value as NonNullable<LiteralValue>, type: operand.type }, translation);
      if (mark === undefined) return undefined;
      marks.push(opposite?.(mark) ?? mark);
    }
    lists.push({ sql: `${sql} ${test === 'in' ? 'IN' : 'NOT IN'} (${marks.join(', ')})`, degree: 'exact' });
  }
  return (test === 'in' ? disjunction(lists) : conjunction(lists))?.sql;
}
