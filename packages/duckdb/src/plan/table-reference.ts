import type { Expr, Schema } from '@millrace/core';
import { type Condition, conjunctsOf } from './condition.ts';
import { columnOperand, type Operand, type ResolveReference, readOperand } from './operand.ts';
import { asNode, asNodes, indexOf, type PlanNode, textOf } from './plan-json.ts';
import { foldPrefixRanges } from './prefix-range.ts';
import { readCondition } from './read-condition.ts';
import { type RowBound, readRowBound } from './row-bound.ts';
import { isHint, readTableFilter } from './table-filter.ts';
import { unpushedNote } from './unpushed-note.ts';

/** A table that the planner knows. */
export interface KnownTable {
  readonly schemaName: string;
  readonly table: string;
  readonly schema: Schema;
}

/** One place in a plan that reads a table, with the filters that every row from there has to pass. */
export interface TableReference {
  readonly table: KnownTable;
  /** Ordinals into the table's schema of the columns that the place reads. */
  readonly columns: readonly number[];
  readonly filters: readonly Expr[];
  /** The rows that are enough when all filters hold. */
  readonly bound?: RowBound;
  readonly notes: readonly string[];
}

/** Finds the table that a plan names; undefined for the engine's own tables and functions. */
export type FindTable = (schemaName: string, table: string) => KnownTable | undefined;

/**
 * Finds every place where a plan reads one of the known tables, in the plan's order.
 *
 * From each `LOGICAL_GET` upward only filters and projections are looked through: whatever stands above a join, an
 * aggregate, a window or a set operation says nothing about single rows below it.
 */
export function findReferences(root: PlanNode, findTable: FindTable): References {
  const walk: Walk = { findTable, drafts: [], scanCount: 0 };
  visit(root, walk);
  return { references: walk.drafts.map(finish), scanCount: walk.scanCount };
}

/** What a walk over a plan found. */
export interface References {
  readonly references: readonly TableReference[];
  /** All `LOGICAL_GET` nodes reached, those of functions included; another number in the text means that the walk missed one. */
  readonly scanCount: number;
}

/** A reference while its plan is walked. */
interface Draft {
  readonly table: KnownTable;
  readonly columns: readonly number[];
  /** The plan reads the engine's own row number, which a filtered copy of the table numbers anew. */
  readonly usesRowId: boolean;
  readonly filters: Expr[];
  readonly notes: Set<string>;
  /** False once a filter was not said completely, as more rows than the limit may then be needed. */
  complete: boolean;
  bound: RowBound | undefined;
}

interface Walk {
  readonly findTable: FindTable;
  readonly drafts: Draft[];
  scanCount: number;
}

/** The rows of one reference on their way up, as long as they are nothing but filtered rows of the table. */
interface Rows {
  readonly draft: Draft;
  /** What each output column is in terms of the table's columns. */
  readonly outputs: readonly (Operand | undefined)[];
}

function visit(node: PlanNode, walk: Walk): Rows | undefined {
  if (textOf(node, 'type') === 'LOGICAL_GET') return visitGet(node, walk);
  const inputs = asNodes(node.children).map((child) => visit(child, walk));
  const [rows] = inputs;
  if (rows === undefined || inputs.length !== 1) return undefined;
  switch (textOf(node, 'type')) {
    case 'LOGICAL_FILTER':
      return visitFilter(node, rows);
    case 'LOGICAL_PROJECTION': {
      const resolve = resolverOf(rows);
      return { ...rows, outputs: asNodes(node.expressions).map((expression) => readOperand(expression, resolve)) };
    }
    case 'LOGICAL_LIMIT':
    case 'LOGICAL_TOP_N':
      if (rows.draft.complete) rows.draft.bound = readRowBound(node, resolverOf(rows));
      return undefined;
    default:
      return undefined;
  }
}

function visitGet(node: PlanNode, walk: Walk): Rows | undefined {
  walk.scanCount += 1;
  const data = asNode(node.function_data);
  const table = walk.findTable(textOf(data, 'schema') ?? '', textOf(data, 'table') ?? '');
  if (textOf(node, 'name') !== 'seq_scan' || table === undefined) return undefined;
  const types = asNodes(node.returned_types);
  // The invalid index is the row number. Alone it only counts rows, or numbers rows that nothing filters.
  const read = asNodes(node.column_indexes).map(({ index }) => indexOf(index));
  const operand = (ordinal: number | undefined): Operand | undefined => {
    const field = ordinal === undefined ? undefined : table.schema.fields[ordinal];
    const type = ordinal === undefined ? undefined : types[ordinal];
    return field === undefined || type === undefined ? undefined : columnOperand([field.name], field.type, type);
  };
  const draft: Draft = {
    table,
    columns: read.filter((ordinal) => ordinal !== undefined),
    usesRowId: read.length > 1 && read.includes(undefined),
    filters: [],
    notes: new Set(),
    complete: true,
    bound: undefined,
  };
  walk.drafts.push(draft);
  for (const { key, value } of asNodes(asNode(node.table_filters)?.filters)) {
    const filter = asNode(value);
    if (filter === undefined || isHint(filter)) continue;
    const column = operand(indexOf(key));
    addFilter({ draft, filter, condition: column && readTableFilter(filter, column) });
  }
  const kept = ordinalsOf(node.projection_ids);
  const outputs = kept === undefined ? read : kept.map((index) => read[index]);
  return { draft, outputs: outputs.map(operand) };
}

function visitFilter(node: PlanNode, rows: Rows): Rows {
  const resolve = resolverOf(rows);
  for (const filter of asNodes(node.expressions)) {
    addFilter({ draft: rows.draft, filter, condition: readCondition(filter, resolve) });
  }
  const kept = ordinalsOf(node.projection_map);
  return kept === undefined ? rows : { ...rows, outputs: kept.map((index) => rows.outputs[index]) };
}

function addFilter(added: { draft: Draft; filter: PlanNode; condition: Condition | undefined }): void {
  const { draft, filter, condition } = added;
  if (condition !== undefined) draft.filters.push(...conjunctsOf(condition.expr));
  if (condition === undefined || condition.fidelity === 'weaker') {
    draft.complete = false;
    draft.notes.add(unpushedNote(filter));
  }
}

function finish({ table, columns, usesRowId, filters, notes, bound }: Draft): TableReference {
  if (usesRowId)
    return { table, columns, filters: [], notes: ['the query reads rowid: nothing is filtered at the source'] };
  return {
    table,
    columns,
    filters: foldPrefixRanges(filters),
    ...(bound === undefined ? {} : { bound }),
    notes: [...notes],
  };
}

function resolverOf(rows: Rows): ResolveReference {
  return (index) => rows.outputs[index];
}

/** A list of positions; undefined where the node has none, which means all of them. */
function ordinalsOf(value: unknown): readonly number[] | undefined {
  return Array.isArray(value) ? value.map((item) => indexOf(item) ?? -1) : undefined;
}
