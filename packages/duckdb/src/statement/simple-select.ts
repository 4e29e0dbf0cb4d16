import type { Comparison } from '../plan/comparison.ts';
import { type PlanConstant, readConstant } from '../plan/plan-constant.ts';
import type { TableName } from '../plan/planned-query.ts';
import { asciiLowerCase } from './ascii-lower-case.ts';
import { asItems, asNode, type SyntaxNode, textOf } from './syntax-tree.ts';

/**
 * A statement that is nothing but columns of one table, rows of which are chosen by comparisons of a column with a value. Names are as
 * written; whether there are such columns is not known here.
 */
export interface SimpleSelect {
  readonly table: TableName;
  /** What may stand in front of a column: the table's alias, or its name. */
  readonly alias: string;
  readonly items: readonly SimpleItem[];
  /** A row is wanted if every one is TRUE. */
  readonly conditions: readonly SimpleCondition[];
  /** Rows that are wanted at most; at least one. */
  readonly limit?: bigint;
  /** All parameters, by position in digits or by name as written. */
  readonly parameters: ReadonlySet<string>;
}

/** A part of the list of columns. */
export type SimpleItem =
  | { readonly kind: 'star' }
  | { readonly kind: 'column'; readonly column: string; readonly alias?: string };

/** One condition on one column. */
export type SimpleCondition =
  | {
      readonly kind: 'comparison';
      readonly comparison: Comparison;
      readonly column: string;
      readonly value: SimpleValue;
    }
  | { readonly kind: 'in'; readonly column: string; readonly values: readonly SimpleValue[] }
  | { readonly kind: 'is_null' | 'is_not_null' | 'is_true'; readonly column: string };

/** A value that stands in the statement, or is bound to it. */
export type SimpleValue =
  | { readonly kind: 'constant'; readonly constant: PlanConstant }
  | { readonly kind: 'parameter'; readonly key: string };

const COMPARISONS: Readonly<Record<string, readonly [Comparison, flipped: Comparison]>> = {
  COMPARE_EQUAL: ['eq', 'eq'],
  COMPARE_NOTEQUAL: ['ne', 'ne'],
  COMPARE_LESSTHAN: ['lt', 'gt'],
  COMPARE_LESSTHANOREQUALTO: ['le', 'ge'],
  COMPARE_GREATERTHAN: ['gt', 'lt'],
  COMPARE_GREATERTHANOREQUALTO: ['ge', 'le'],
};

/** Longest IN list that is looked at. */
const MAX_LIST = 1_000;

/**
 * Reads a parsed query as a simple SELECT; undefined for whatever else it has or may have. A member of a node that is not known here makes
 * it something else, so that no clause is overlooked.
 */
export function readSimpleSelect(query: SyntaxNode): SimpleSelect | undefined {
  if (!hasOnly(query, SELECT_MEMBERS) || query.type !== 'SELECT_NODE') return undefined;
  if (query.aggregate_handling !== 'STANDARD_HANDLING') return undefined;
  const from = readTable(asNode(query.from_table));
  if (from === undefined) return undefined;
  const reading: Reading = { qualifier: asciiLowerCase(from.alias), parameters: new Set() };
  const items = all(asItems(query.select_list), (item) => readItem(asNode(item), reading));
  const conditions = query.where_clause === undefined ? [] : readWhere(asNode(query.where_clause), reading);
  const limit = readLimit(asItems(query.modifiers));
  if (items === undefined || conditions === undefined || limit === undefined) return undefined;
  return {
    table: from.name,
    alias: from.alias,
    items,
    conditions,
    ...(limit === 'none' ? {} : { limit }),
    parameters: reading.parameters,
  };
}

interface Reading {
  /** What may stand in front of a column. */
  readonly qualifier: string;
  readonly parameters: Set<string>;
}

const SELECT_MEMBERS: ReadonlySet<string> = new Set([
  'type',
  'modifiers',
  'select_list',
  'from_table',
  'where_clause',
  'aggregate_handling',
]);
const TABLE_MEMBERS: ReadonlySet<string> = new Set(['type', 'alias', 'query_location', 'schema_name', 'table_name']);
const STAR_MEMBERS: ReadonlySet<string> = new Set(['class', 'type', 'query_location', 'relation_name', 'columns']);
const COLUMN_MEMBERS: ReadonlySet<string> = new Set(['class', 'type', 'alias', 'query_location', 'column_names']);
const LIST_MEMBERS: ReadonlySet<string> = new Set(['class', 'type', 'query_location', 'children']);
const COMPARISON_MEMBERS: ReadonlySet<string> = new Set(['class', 'type', 'query_location', 'left', 'right']);
const BETWEEN_MEMBERS: ReadonlySet<string> = new Set(['class', 'type', 'query_location', 'input', 'lower', 'upper']);
const CONSTANT_MEMBERS: ReadonlySet<string> = new Set(['class', 'type', 'query_location', 'value']);
const PARAMETER_MEMBERS: ReadonlySet<string> = new Set(['class', 'type', 'query_location', 'identifier']);
const CAST_MEMBERS: ReadonlySet<string> = new Set([
  'class',
  'type',
  'query_location',
  'child',
  'cast_type',
  'try_cast',
]);
const LIMIT_MEMBERS: ReadonlySet<string> = new Set(['type', 'limit']);

function readTable(node: SyntaxNode | undefined): { readonly name: TableName; readonly alias: string } | undefined {
  const table = textOf(node, 'table_name');
  if (!hasOnly(node, TABLE_MEMBERS) || node.type !== 'BASE_TABLE' || table === undefined) return undefined;
  const schemaName = textOf(node, 'schema_name');
  return {
    name: schemaName === undefined ? { table } : { schemaName, table },
    alias: textOf(node, 'alias') ?? table,
  };
}

function readItem(node: SyntaxNode | undefined, reading: Reading): SimpleItem | undefined {
  if (node?.class === 'STAR') {
    const relation = textOf(node, 'relation_name');
    const isPlain = hasOnly(node, STAR_MEMBERS) && node.columns === false;
    return isPlain && (relation === undefined || asciiLowerCase(relation) === reading.qualifier)
      ? { kind: 'star' }
      : undefined;
  }
  const column = readColumn(node, reading);
  const alias = textOf(node, 'alias');
  return column === undefined ? undefined : { kind: 'column', column, ...(alias === undefined ? {} : { alias }) };
}

function readColumn(node: SyntaxNode | undefined, { qualifier }: Reading): string | undefined {
  if (!hasOnly(node, COLUMN_MEMBERS) || node.class !== 'COLUMN_REF') return undefined;
  const names = asItems(node.column_names).map(String);
  if (names.length === 1) return names[0];
  return names.length === 2 && asciiLowerCase(names[0] ?? '') === qualifier ? names[1] : undefined;
}

function readWhere(node: SyntaxNode | undefined, reading: Reading): readonly SimpleCondition[] | undefined {
  if (node?.class !== 'CONJUNCTION') return readCondition(node, reading);
  if (!hasOnly(node, LIST_MEMBERS) || node.type !== 'CONJUNCTION_AND') return undefined;
  return all(asItems(node.children), (child) => readCondition(asNode(child), reading))?.flat();
}

function readCondition(node: SyntaxNode | undefined, reading: Reading): readonly SimpleCondition[] | undefined {
  switch (node?.class) {
    case 'COMPARISON':
      return readComparison(node, reading);
    case 'BETWEEN':
      return readBetween(node, reading);
    case 'OPERATOR':
      return readOperator(node, reading);
    case 'COLUMN_REF': {
      const column = readColumn(node, reading);
      return column === undefined || textOf(node, 'alias') !== undefined ? undefined : [{ kind: 'is_true', column }];
    }
    default:
      return undefined;
  }
}

function readComparison(node: SyntaxNode, reading: Reading): readonly SimpleCondition[] | undefined {
  const comparisons = COMPARISONS[textOf(node, 'type') ?? ''];
  if (!hasOnly(node, COMPARISON_MEMBERS) || comparisons === undefined) return undefined;
  const [left, right] = [asNode(node.left), asNode(node.right)];
  const isFlipped = left?.class !== 'COLUMN_REF';
  const column = readColumn(isFlipped ? right : left, reading);
  const value = readValue(isFlipped ? left : right, reading);
  if (column === undefined || value === undefined) return undefined;
  return [{ kind: 'comparison', comparison: comparisons[isFlipped ? 1 : 0], column, value }];
}

function readBetween(node: SyntaxNode, reading: Reading): readonly SimpleCondition[] | undefined {
  if (!hasOnly(node, BETWEEN_MEMBERS) || node.type !== 'COMPARE_BETWEEN') return undefined;
  const column = readColumn(asNode(node.input), reading);
  const lower = readValue(asNode(node.lower), reading);
  const upper = readValue(asNode(node.upper), reading);
  if (column === undefined || lower === undefined || upper === undefined) return undefined;
  return [
    { kind: 'comparison', comparison: 'ge', column, value: lower },
    { kind: 'comparison', comparison: 'le', column, value: upper },
  ];
}

function readOperator(node: SyntaxNode, reading: Reading): readonly SimpleCondition[] | undefined {
  if (!hasOnly(node, LIST_MEMBERS)) return undefined;
  const [first, ...rest] = asItems(node.children);
  const column = readColumn(asNode(first), reading);
  if (column === undefined) return undefined;
  switch (node.type) {
    case 'OPERATOR_IS_NULL':
      return rest.length === 0 ? [{ kind: 'is_null', column }] : undefined;
    case 'OPERATOR_IS_NOT_NULL':
      return rest.length === 0 ? [{ kind: 'is_not_null', column }] : undefined;
    case 'COMPARE_IN': {
      const values = rest.length > MAX_LIST ? undefined : all(rest, (item) => readValue(asNode(item), reading));
      return values === undefined || values.length === 0 ? undefined : [{ kind: 'in', column, values }];
    }
    default:
      return undefined;
  }
}

function readValue(node: SyntaxNode | undefined, reading: Reading): SimpleValue | undefined {
  switch (node?.class) {
    case 'CONSTANT': {
      const constant = hasOnly(node, CONSTANT_MEMBERS) ? readConstant(asNode(node.value)) : undefined;
      return constant === undefined ? undefined : { kind: 'constant', constant };
    }
    case 'PARAMETER': {
      const key = textOf(node, 'identifier');
      if (!hasOnly(node, PARAMETER_MEMBERS) || key === undefined) return undefined;
      reading.parameters.add(key);
      return { kind: 'parameter', key };
    }
    case 'CAST':
      return readTruthValue(node);
    default:
      return undefined;
  }
}

/** TRUE and FALSE, which the parser writes as casts of `t` and `f`. */
function readTruthValue(node: SyntaxNode): SimpleValue | undefined {
  const type = asNode(node.cast_type);
  const child = asNode(node.child);
  if (!hasOnly(node, CAST_MEMBERS) || node.try_cast !== false || child?.class !== 'CONSTANT') return undefined;
  const { value } = readConstant(asNode(child.value)) ?? {};
  if (type?.id !== 'BOOLEAN' || Object.keys(type).length > 1 || (value !== 't' && value !== 'f')) return undefined;
  return { kind: 'constant', constant: { type, value: value === 't' } };
}

/** Without a LIMIT `none`; undefined for what is more than a plain number above 0. */
function readLimit(modifiers: readonly unknown[]): bigint | 'none' | undefined {
  const [modifier, ...others] = modifiers.map(asNode);
  if (modifier === undefined) return modifiers.length === 0 ? 'none' : undefined;
  if (others.length > 0 || !hasOnly(modifier, LIMIT_MEMBERS) || modifier.type !== 'LIMIT_MODIFIER') return undefined;
  const limit = asNode(modifier.limit);
  const constant = hasOnly(limit, CONSTANT_MEMBERS) ? readConstant(asNode(limit.value)) : undefined;
  const isInteger = constant?.type.id === 'INTEGER' || constant?.type.id === 'BIGINT';
  return isInteger && typeof constant.value === 'bigint' && constant.value > 0n ? constant.value : undefined;
}

function hasOnly(node: SyntaxNode | undefined, members: ReadonlySet<string>): node is SyntaxNode {
  return node !== undefined && Object.keys(node).every((member) => members.has(member));
}

/** What is made of every item; undefined as soon as nothing can be made of one. */
function all<Item, Made>(items: readonly Item[], make: (item: Item) => Made | undefined): readonly Made[] | undefined {
  const made: Made[] = [];
  for (const item of items) {
    const each = make(item);
    if (each === undefined) return undefined;
    made.push(each);
  }
  return made;
}
