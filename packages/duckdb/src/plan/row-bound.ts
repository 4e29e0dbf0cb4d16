import { type SortKey, TypeId } from '@millrace/core';
import { type ResolveReference, readOperand, valueType } from './operand.ts';
import { asNode, asNodes, integerOf, type PlanNode, textOf } from './plan-json.ts';

/** How many rows are enough, and of which order the first ones; without an order, any. */
export interface RowBound {
  readonly limit: bigint;
  readonly order?: readonly SortKey[];
}

/** Reads a limit or top-N, its offset added; undefined for percentages, computed limits and orders that cannot be said. */
export function readRowBound(node: PlanNode, resolve: ResolveReference): RowBound | undefined {
  if (textOf(node, 'type') === 'LOGICAL_LIMIT') {
    const limit = constantLimit(asNode(node.limit_val));
    const offset = textOf(asNode(node.offset_val), 'type') === 'UNSET' ? 0n : constantLimit(asNode(node.offset_val));
    return limit === undefined || offset === undefined ? undefined : { limit: limit + offset };
  }
  const limit = integerOf(node.limit);
  const offset = integerOf(node.offset ?? 0);
  const order = asNodes(node.orders).map((key) => readSortKey(key, resolve));
  const known = order.filter((key) => key !== undefined);
  if (limit === undefined || offset === undefined || order.length === 0 || known.length < order.length)
    return undefined;
  return { limit: limit + offset, order: known };
}

function constantLimit(node: PlanNode | undefined): bigint | undefined {
  return textOf(node, 'type') === 'CONSTANT_VALUE' ? integerOf(node?.constant_integer) : undefined;
}

function readSortKey(node: PlanNode, resolve: ResolveReference): SortKey | undefined {
  const operand = readOperand(asNode(node.expression), resolve);
  const direction = textOf(node, 'type');
  const nulls = textOf(node, 'null_order');
  if (operand === undefined || !operand.ordered || operand.typed?.kind !== 'column') return undefined;
  if (valueType(operand.typed.type).typeId === TypeId.Struct) return undefined;
  if (direction !== 'ASCENDING' && direction !== 'DESCENDING') return undefined;
  if (nulls !== 'NULLS LAST' && nulls !== 'NULLS FIRST') return undefined;
  return { expr: operand.typed, descending: direction === 'DESCENDING', nullsFirst: nulls === 'NULLS FIRST' };
}
