import type { Expr, Schema } from '@millrace/core';
import type { BoundValue, QueryParameters } from '../database/duckdb-database.ts';
import { asciiLowerCase } from '../statement/ascii-lower-case.ts';
import type { SimpleCondition, SimpleSelect, SimpleValue } from '../statement/simple-select.ts';
import { toLogicalType } from '../type-mapping/to-logical-type.ts';
import { compareWithConstant, predicate } from './comparison.ts';
import { columnOperand, type Operand } from './operand.ts';
import type { PlanConstant } from './plan-constant.ts';
import type { PlannedScan, TableName } from './planned-query.ts';
import { membership } from './read-condition.ts';
import { comparableConstant, constantOfBound, planTypeOf } from './simple-constant.ts';

/** A simple SELECT, and the one table that it reads. */
export interface SimpleSelectRequest {
  readonly select: SimpleSelect;
  readonly name: TableName;
  readonly schema: Schema;
  readonly parameters: QueryParameters | undefined;
}

/** What a simple SELECT needs of its table, and what its result is of that. */
export interface PlannedSelect {
  /** As the planner would say it; its filters, and its limit, are all that the statement does with rows. */
  readonly scan: PlannedScan;
  /** The columns of the result, in order; names may repeat. */
  readonly outputs: readonly OutputColumn[];
}

/** A column of a result that is a column of the table. */
export interface OutputColumn {
  readonly name: string;
  /** Its place in the table's schema. */
  readonly ordinal: number;
}

/**
 * Plans a simple SELECT by its parsed text alone, in some microseconds. Undefined wherever the engine could understand a name, a value or a
 * comparison in another way than plainly, or refuse it: whoever asked has to ask the planner then.
 */
export function planSimpleSelect({ select, name, schema, parameters }: SimpleSelectRequest): PlannedSelect | undefined {
  const given = givenValues(parameters);
  if (given.size !== select.parameters.size) return undefined;
  const ordinals = new Map(schema.fields.map((field, ordinal) => [asciiLowerCase(field.name), ordinal]));
  // `t` and `t.a` could mean that column, or the row of the table.
  if (ordinals.has(asciiLowerCase(select.alias)) || ordinals.size < schema.fields.length) return undefined;
  const used = new Set<number>();
  const find = (column: string): number | undefined => {
    const ordinal = ordinals.get(asciiLowerCase(column));
    if (ordinal !== undefined) used.add(ordinal);
    return ordinal;
  };
  const outputs: OutputColumn[] = [];
  for (const item of select.items) {
    if (item.kind === 'star') {
      for (const field of schema.fields) outputs.push({ name: field.name, ordinal: find(field.name)! });
      continue;
    }
    const ordinal = find(item.column);
    if (ordinal === undefined) return undefined;
    outputs.push({ name: item.alias ?? schema.fields[ordinal]!.name, ordinal });
  }
  const filters: Expr[] = [];
  for (const condition of select.conditions) {
    const ordinal = find(condition.column);
    const filter = ordinal === undefined ? undefined : toFilter(condition, schema.fields[ordinal]!, given);
    if (filter === undefined) return undefined;
    filters.push(filter);
  }
  return {
    scan: {
      table: name,
      referenceCount: 1,
      columns: schema.fields.filter((_, ordinal) => used.has(ordinal)).map((field) => field.name),
      filters,
      ...(select.limit === undefined ? {} : { limit: select.limit }),
      empty: false,
      notes: [],
    },
    outputs,
  };
}

type GivenValues = ReadonlyMap<string, BoundValue>;

function givenValues(parameters: QueryParameters | undefined): GivenValues {
  if (parameters === undefined) return new Map();
  return isPositional(parameters)
    ? new Map(parameters.map((value, index) => [String(index + 1), value]))
    : new Map(Object.entries(parameters));
}

function isPositional(parameters: QueryParameters): parameters is readonly BoundValue[] {
  return Array.isArray(parameters);
}

function toFilter(condition: SimpleCondition, field: Schema['fields'][number], given: GivenValues): Expr | undefined {
  const planType = planTypeOf(toLogicalType(field));
  const operand = columnOperand([field.name], field.type, planType);
  if (operand === undefined) return undefined;
  switch (condition.kind) {
    case 'is_null':
    case 'is_not_null':
      return predicate(condition.kind, [operand.expr]);
    case 'is_true':
      return compare('eq', operand, { type: { id: 'BOOLEAN' }, value: true });
    case 'comparison': {
      const constant = constantOf(condition.value, given);
      return constant && compare(condition.comparison, operand, constant);
    }
    case 'in': {
      const constants = condition.values.map((value) => {
        const constant = constantOf(value, given);
        return constant && comparableConstant(operand.planType, constant);
      });
      const found = membership(operand, constants);
      return found?.fidelity === 'exact' ? found.expr : undefined;
    }
    default:
      return condition satisfies never;
  }
}

function compare(
  comparison: Extract<SimpleCondition, { kind: 'comparison' }>['comparison'],
  operand: Operand,
  constant: PlanConstant,
): Expr | undefined {
  const comparable = comparableConstant(operand.planType, constant);
  return comparable && compareWithConstant(comparison, operand, comparable);
}

function constantOf(value: SimpleValue, given: GivenValues): PlanConstant | undefined {
  if (value.kind === 'constant') return value.constant;
  const bound = given.get(value.key);
  return bound === undefined ? undefined : constantOfBound(bound);
}
