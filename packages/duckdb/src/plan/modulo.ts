import { type Expr, TypeId } from '@millrace/core';
import { type Operand, type ResolveReference, readOperand } from './operand.ts';
import { readConstant } from './plan-constant.ts';
import { asNode, asNodes, type PlanNode, textOf } from './plan-json.ts';

/**
 * Reads `integer % constant` (the sign is the dividend's), or returns undefined.
 *
 * A divisor of 0 gives NULL in the engine and an error elsewhere, and -1 overflows on the smallest integer: neither is read.
 */
export function readModulo(node: PlanNode | undefined, resolve: ResolveReference): Operand | undefined {
  const name = textOf(node, 'name');
  if (node === undefined || (name !== '%' && name !== 'mod')) return undefined;
  const [first, second] = asNodes(node.children);
  const operand = readOperand(first, resolve);
  const divisor =
    textOf(second, 'expression_class') === 'BOUND_CONSTANT' ? readConstant(asNode(second?.value)) : undefined;
  const type = operand?.typed?.type;
  if (operand?.typed === undefined || type?.typeId !== TypeId.Int || typeof divisor?.value !== 'bigint')
    return undefined;
  if (divisor.value === 0n || divisor.value === -1n) return undefined;
  if (textOf(divisor.type, 'id') !== textOf(operand.planType, 'id')) return undefined;
  const value = (type.bitWidth ?? 64) > 32 ? divisor.value : Number(divisor.value);
  const expr: Expr = { kind: 'call', function: 'mod', args: [operand.typed, { kind: 'literal', value, type }], type };
  return { ...operand, expr, typed: expr };
}
