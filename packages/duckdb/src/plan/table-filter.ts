import { compareWithConstant, predicate } from './comparison.ts';
import { type Condition, conjunction, disjunction } from './condition.ts';
import { type Operand, structField } from './operand.ts';
import { readConstant } from './plan-constant.ts';
import { asNode, asNodes, type PlanNode, textOf } from './plan-json.ts';
import { comparisonOf, membership, readCondition } from './read-condition.ts';

/** Whether a table filter only saves work: what it holds is filtered again above (`OPTIONAL`) or known later (`DYNAMIC`). */
export function isHint(filter: PlanNode): boolean {
  const kind = textOf(filter, 'filter_type');
  if (kind === 'CONJUNCTION_AND') return asNodes(filter.child_filters).every(isHint);
  return kind === 'OPTIONAL_FILTER' || kind === 'DYNAMIC_FILTER';
}

/** Reads one filter of a scan's `table_filters`, or returns undefined where the vocabulary cannot say it. */
export function readTableFilter(filter: PlanNode, column: Operand): Condition | undefined {
  const children = asNodes(filter.child_filters);
  switch (textOf(filter, 'filter_type')) {
    case 'CONSTANT_COMPARISON': {
      const comparison = comparisonOf(textOf(filter, 'comparison_type'));
      const constant = readConstant(asNode(filter.constant));
      if (comparison === undefined || constant === undefined) return undefined;
      const expr = compareWithConstant(comparison, column, constant);
      return expr && { expr, fidelity: 'exact' };
    }
    case 'CONJUNCTION_AND':
      return conjunction(children.filter((child) => !isHint(child)).map((child) => readTableFilter(child, column)));
    case 'CONJUNCTION_OR':
      return disjunction(children.map((child) => readTableFilter(child, column)));
    case 'IS_NULL':
      return { expr: predicate('is_null', [column.expr]), fidelity: 'exact' };
    case 'IS_NOT_NULL':
      return { expr: predicate('is_not_null', [column.expr]), fidelity: 'exact' };
    case 'IN_FILTER':
      return membership(column, asNodes(filter.values).map(readConstant));
    case 'STRUCT_EXTRACT': {
      const field = structField(column, textOf(filter, 'child_name') ?? '');
      const child = asNode(filter.child_filter);
      return field === undefined || child === undefined ? undefined : readTableFilter(child, field);
    }
    case 'EXPRESSION_FILTER':
      // Inside the filter of one column, reference 0 is that column.
      return readCondition(asNode(filter.expr), (index) => (index === 0 ? column : undefined));
    default:
      return undefined;
  }
}
