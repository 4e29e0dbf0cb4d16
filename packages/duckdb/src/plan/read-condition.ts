import { dataTypes, type Expr, TypeId } from '@millrace/core';
import {
  type Comparison,
  compareOperands,
  compareWithConstant,
  flipComparison,
  literalFor,
  predicate,
} from './comparison.ts';
import { type Condition, conjunction, disjunction, negation } from './condition.ts';
import { readModulo } from './modulo.ts';
import { type Operand, type ResolveReference, readOperand } from './operand.ts';
import { type PlanConstant, readConstant } from './plan-constant.ts';
import { asNode, asNodes, type PlanNode, textOf } from './plan-json.ts';

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  COMPARE_EQUAL: 'eq',
  COMPARE_NOTEQUAL: 'ne',
  COMPARE_LESSTHAN: 'lt',
  COMPARE_LESSTHANOREQUALTO: 'le',
  COMPARE_GREATERTHAN: 'gt',
  COMPARE_GREATERTHANOREQUALTO: 'ge',
  COMPARE_DISTINCT_FROM: 'distinct',
  COMPARE_NOT_DISTINCT_FROM: 'not_distinct',
};

/** The comparison of the vocabulary, or undefined. */
export function comparisonOf(name: string | undefined): Comparison | undefined {
  return name === undefined ? undefined : COMPARISONS[name];
}

/** Reads a bound boolean expression, or returns undefined where the vocabulary cannot say it or it could raise. */
export function readCondition(node: PlanNode | undefined, resolve: ResolveReference): Condition | undefined {
  if (node === undefined) return undefined;
  switch (textOf(node, 'expression_class')) {
    case 'BOUND_CONJUNCTION': {
      const parts = asNodes(node.children).map((child) => readCondition(child, resolve));
      return textOf(node, 'type') === 'CONJUNCTION_OR' ? disjunction(parts) : conjunction(parts);
    }
    case 'BOUND_COMPARISON':
      return readComparison(node, resolve);
    case 'BOUND_OPERATOR':
      return readOperator(node, resolve);
    case 'BOUND_BETWEEN':
      return readBetween(node, resolve);
    case 'BOUND_FUNCTION':
      return readFunction(node, resolve);
    case 'BOUND_REF':
      return readTruth(node, resolve);
    default:
      return undefined;
  }
}

function exact(expr: Expr | undefined): Condition | undefined {
  return expr === undefined ? undefined : { expr, fidelity: 'exact' };
}

function constantOf(node: PlanNode | undefined): PlanConstant | undefined {
  return textOf(node, 'expression_class') === 'BOUND_CONSTANT' ? readConstant(asNode(node?.value)) : undefined;
}

function readComparison(node: PlanNode, resolve: ResolveReference): Condition | undefined {
  const comparison = comparisonOf(textOf(node, 'type'));
  if (comparison === undefined) return undefined;
  return compareNodes(comparison, asNode(node.left), asNode(node.right), resolve);
}

function compareNodes(
  comparison: Comparison,
  left: PlanNode | undefined,
  right: PlanNode | undefined,
  resolve: ResolveReference,
): Condition | undefined {
  const leftConstant = constantOf(left);
  const rightConstant = constantOf(right);
  if (leftConstant !== undefined && rightConstant === undefined) {
    return compareNodes(flipComparison(comparison), right, left, resolve);
  }
  const operand = readOperand(left, resolve) ?? readModulo(left, resolve);
  if (operand === undefined) return undefined;
  if (rightConstant !== undefined) return exact(compareWithConstant(comparison, operand, rightConstant));
  const other = readOperand(right, resolve);
  return other === undefined ? undefined : exact(compareOperands(comparison, operand, other));
}

function readBetween(node: PlanNode, resolve: ResolveReference): Condition | undefined {
  const input = asNode(node.input);
  return conjunction([
    compareNodes(node.lower_inclusive === true ? 'ge' : 'gt', input, asNode(node.lower), resolve),
    compareNodes(node.upper_inclusive === true ? 'le' : 'lt', input, asNode(node.upper), resolve),
  ]);
}

function readOperator(node: PlanNode, resolve: ResolveReference): Condition | undefined {
  const [first, ...rest] = asNodes(node.children);
  switch (textOf(node, 'type')) {
    case 'OPERATOR_NOT':
      return negation(readCondition(first, resolve));
    case 'OPERATOR_IS_NULL':
    case 'OPERATOR_IS_NOT_NULL': {
      const operand = readOperand(first, resolve);
      const name = textOf(node, 'type') === 'OPERATOR_IS_NULL' ? 'is_null' : 'is_not_null';
      return operand === undefined ? undefined : exact(predicate(name, [operand.expr]));
    }
    case 'COMPARE_IN':
      return readMembership(first, rest, resolve);
    case 'COMPARE_NOT_IN':
      return negation(readMembership(first, rest, resolve));
    default:
      return undefined;
  }
}

function readMembership(
  value: PlanNode | undefined,
  list: readonly PlanNode[],
  resolve: ResolveReference,
): Condition | undefined {
  const operand = readOperand(value, resolve);
  if (operand === undefined || operand.floored) return undefined;
  return membership(operand, list.map(constantOf));
}

/** `in` over constants. A NULL in the list makes FALSE into NULL and nothing else, so it is left out. */
export function membership(operand: Operand, constants: readonly (PlanConstant | undefined)[]): Condition | undefined {
  const literals: Expr[] = [];
  let fidelity: Condition['fidelity'] = 'exact';
  for (const constant of constants) {
    if (constant?.value === null) {
      fidelity = 'true_rows';
      continue;
    }
    const literal = constant === undefined ? undefined : literalFor(operand, constant);
    if (literal === undefined) return undefined;
    literals.push(literal);
  }
  return literals.length === 0 ? undefined : { expr: predicate('in', [operand.expr, ...literals]), fidelity };
}

/** A boolean column that stands for itself. */
function readTruth(node: PlanNode, resolve: ResolveReference): Condition | undefined {
  const operand = readOperand(node, resolve);
  if (operand?.typed?.type.typeId !== TypeId.Bool) return undefined;
  const literal: Expr = { kind: 'literal', value: true, type: dataTypes.bool() };
  return exact(predicate('eq', [operand.typed, literal]));
}

function readFunction(node: PlanNode, resolve: ResolveReference): Condition | undefined {
  const [first, second, third] = asNodes(node.children);
  const name = textOf(node, 'name');
  switch (name) {
    case '~~':
      return textMatch('like', [first, second], resolve);
    case '!~~':
      return negation(textMatch('like', [first, second], resolve));
    case 'like_escape':
      return textMatch('like', [first, second, third], resolve);
    case 'not_like_escape':
      return negation(textMatch('like', [first, second, third], resolve));
    case 'prefix':
    case 'starts_with':
    case '^@':
      return textMatch('starts_with', [first, second], resolve);
    case 'suffix':
    case 'ends_with':
      return textMatch('ends_with', [first, second], resolve);
    case 'contains':
      return textMatch('contains', [first, second], resolve);
    case 'constant_or_null':
      return readConstantOrNull(asNodes(node.children), resolve);
    default:
      return readTruth(node, resolve);
  }
}

function textMatch(
  name: 'like' | 'starts_with' | 'ends_with' | 'contains',
  [value, pattern, escapeNode]: readonly (PlanNode | undefined)[],
  resolve: ResolveReference,
): Condition | undefined {
  const operand = readOperand(value, resolve);
  const text = constantOf(pattern)?.value;
  const escapeText = escapeNode === undefined ? '' : constantOf(escapeNode)?.value;
  if (textOf(operand?.planType, 'id') !== 'VARCHAR' || operand?.typed === undefined) return undefined;
  if (typeof text !== 'string' || typeof escapeText !== 'string') return undefined;
  const literals = name === 'like' ? [text, escapeText] : [text];
  const args = literals.map((literal): Expr => ({ kind: 'literal', value: literal, type: dataTypes.utf8() }));
  return exact(predicate(name, [operand.typed, ...args]));
}

/** `constant_or_null(TRUE, TRUE, a, b …)`: what remains of `a LIKE '%'`; TRUE unless one of the others is NULL. */
function readConstantOrNull(children: readonly PlanNode[], resolve: ResolveReference): Condition | undefined {
  const [constant, ...others] = children;
  if (constantOf(constant)?.value !== true) return undefined;
  const parts = others
    .filter((other) => constantOf(other) === undefined)
    .map((other): Condition | undefined => {
      const operand = readOperand(other, resolve);
      return operand && { expr: predicate('is_not_null', [operand.expr]), fidelity: 'true_rows' };
    });
  return conjunction(parts);
}
