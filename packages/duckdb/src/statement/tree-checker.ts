import type { TableName } from '../plan/planned-query.ts';
import { asciiLowerCase } from './ascii-lower-case.ts';
import { CteScope } from './cte-scope.ts';
import { functionRefusal } from './function-refusal.ts';
import { offsetOfByte, REACHABLE, refusedError } from './refusal.ts';
import type { RowLimits } from './statement-info.ts';
import { EXPRESSION_CLASSES, LATE_TYPES, NODE_TYPES, OPERATOR_TYPES, TABLE_FUNCTIONS } from './syntax-kinds.ts';
import { asItems, asNode, type SyntaxNode, textOf } from './syntax-tree.ts';
import { tableRefusal } from './table-refusal.ts';
import { isVolatileNode } from './volatile-node.ts';

/** What a statement that passed reaches. */
export interface TreeReach {
  readonly tables: readonly TableName[];
  /** Identifiers of the parameters, as DuckDB numbers or names them. */
  readonly parameters: ReadonlySet<string>;
  readonly limits: RowLimits;
  readonly hasJoin: boolean;
  readonly isVolatile: boolean;
}

interface Visit {
  readonly value: unknown;
  readonly scope: CteScope;
}

/**
 * Walks a whole parsed query and refuses whatever is not known to be harmless: kinds of nodes that are not listed, functions
 * outside the allow-list, tables outside the public catalog. `placedSchemas` hold tables that are known to be none of the engine's.
 *
 * @throws MillraceError `sql_refused` with the place in the text.
 */
export function checkTree(sql: string, query: SyntaxNode, placedSchemas: ReadonlySet<string> = new Set()): TreeReach {
  return new TreeChecker(sql, placedSchemas).check(query);
}

class TreeChecker {
  readonly #sql: string;
  readonly #placedSchemas: ReadonlySet<string>;
  /** A stack of its own, as a tree can be deeper than the machine's. */
  readonly #pending: Visit[] = [];
  readonly #tables: { readonly name: TableName; readonly location: number }[] = [];
  readonly #parameters = new Set<string>();
  /** Those that work on the result as a whole. */
  #rootModifiers: readonly unknown[] = [];
  #limits: RowLimits = 'none';
  #hasJoin = false;
  #isVolatile = false;

  constructor(sql: string, placedSchemas: ReadonlySet<string>) {
    this.#sql = sql;
    this.#placedSchemas = placedSchemas;
  }

  check(query: SyntaxNode): TreeReach {
    this.#rootModifiers = asItems(query.modifiers);
    this.#pending.push({ value: query, scope: CteScope.empty });
    for (let visit = this.#pending.pop(); visit !== undefined; visit = this.#pending.pop()) {
      this.#visit(visit);
    }
    return {
      tables: distinctTables(this.#tables),
      parameters: this.#parameters,
      limits: this.#limits,
      hasJoin: this.#hasJoin,
      isVolatile: this.#isVolatile,
    };
  }

  #visit({ value, scope }: Visit): void {
    if (Array.isArray(value)) {
      for (const item of value) this.#push(item, scope);
      return;
    }
    const node = asNode(value);
    if (node === undefined) return;
    this.#isVolatile ||= isVolatileNode(node);
    if (node.class !== undefined) {
      this.#visitExpression(node, scope);
    } else if (typeof node.type === 'string') {
      this.#visitNode(node, node.type, scope);
    } else {
      this.#visitMembers(node, scope);
    }
  }

  #visitExpression(node: SyntaxNode, scope: CteScope): void {
    const kind = textOf(node, 'class') ?? '';
    if (!EXPRESSION_CLASSES.has(kind) || (kind === 'OPERATOR' && !OPERATOR_TYPES.has(textOf(node, 'type') ?? ''))) {
      throw this.#refusal(
        node,
        `the expression ${textOf(node, 'type') ?? kind} is not supported`,
        'Write it another way',
      );
    }
    switch (kind) {
      case 'CONSTANT':
        return;
      case 'FUNCTION':
      case 'WINDOW':
        this.#checkFunction(node);
        break;
      case 'PARAMETER':
        this.#parameters.add(asciiLowerCase(textOf(node, 'identifier') ?? ''));
        return;
      case 'SUBQUERY':
        this.#hasJoin = true;
        break;
    }
    this.#visitMembers(node, scope);
  }

  #visitNode(node: SyntaxNode, type: string, scope: CteScope): void {
    if (type === 'PIVOT') {
      throw this.#refusal(node, 'PIVOT and UNPIVOT cannot be checked', 'Use aggregates with FILTER, or UNION ALL');
    }
    if (!NODE_TYPES.has(type)) {
      throw this.#refusal(node, `the clause ${type} is not supported`, REACHABLE);
    }
    switch (type) {
      case 'SELECT_NODE':
      case 'SET_OPERATION_NODE':
      case 'RECURSIVE_CTE_NODE':
        this.#visitQuery(node, scope);
        return;
      case 'BASE_TABLE':
        this.#visitTable(node, scope);
        break;
      case 'TABLE_FUNCTION':
        this.#visitTableFunction(node, scope);
        return;
      case 'SHOW_REF':
        this.#checkShow(node);
        break;
      case 'UNBOUND_TYPE_INFO':
        this.#checkLateType(node);
        break;
      case 'JOIN':
        this.#hasJoin = true;
        break;
      case 'LIMIT_MODIFIER':
      case 'LIMIT_PERCENT_MODIFIER':
        this.#noteLimit(node);
        break;
      case 'DISTINCT_MODIFIER':
        if (asItems(node.distinct_on_targets).length > 0) this.#noteLimit(node);
        break;
    }
    this.#visitMembers(node, scope);
  }

  /** A CTE sees those before it, never those behind it, and itself only in the second part of a recursive one. */
  #visitQuery(node: SyntaxNode, outer: CteScope): void {
    const { cte_map: ctes, left, right, ...rest } = node;
    let scope = outer;
    for (const item of asItems(asNode(ctes)?.map)) {
      const entry = asNode(item);
      this.#push(entry?.value, scope);
      scope = scope.with(textOf(entry, 'key') ?? '');
    }
    this.#push(left, scope);
    const isRecursive = node.type === 'RECURSIVE_CTE_NODE';
    this.#push(right, isRecursive ? scope.withRecursive(textOf(node, 'cte_name') ?? '') : scope);
    this.#visitMembers(rest, scope);
  }

  #visitTable(node: SyntaxNode, scope: CteScope): void {
    const table = textOf(node, 'table_name') ?? '';
    const schemaName = textOf(node, 'schema_name');
    if (textOf(node, 'catalog_name') === undefined && scope.has(schemaName, table)) return;
    const refusal = tableRefusal(node, this.#placedSchemas);
    if (refusal !== undefined) {
      throw this.#refusal(node, refusal.message, refusal.hint);
    }
    this.#tables.push({
      name: schemaName === undefined ? { table } : { schemaName, table },
      location: locationOf(node),
    });
  }

  #visitTableFunction(node: SyntaxNode, scope: CteScope): void {
    const { function: call, ...rest } = node;
    const called = asNode(call);
    const name = textOf(called, 'function_name') ?? '';
    if (called?.class !== 'FUNCTION' || !TABLE_FUNCTIONS.has(asciiLowerCase(name))) {
      throw this.#refusal(node, `the table function ${JSON.stringify(name)} is not allowed`, REACHABLE);
    }
    this.#visitMembers(called, scope);
    this.#visitMembers(rest, scope);
  }

  #noteLimit(modifier: SyntaxNode): void {
    if (!this.#rootModifiers.includes(modifier)) this.#limits = 'below_root';
    else if (this.#limits === 'none') this.#limits = 'at_root';
  }

  #checkFunction(node: SyntaxNode): void {
    const name = textOf(node, 'function_name') ?? '';
    const refusal = functionRefusal(name);
    if (refusal !== undefined) {
      throw this.#refusal(node, refusal.message, refusal.hint);
    }
    if (node.export_state === true) {
      throw this.#refusal(node, 'EXPORT_STATE is not allowed', 'Aggregate in one query');
    }
  }

  #checkShow(node: SyntaxNode): void {
    if (node.show_type !== 'SUMMARY') {
      throw this.#refusal(
        node,
        'DESCRIBE and SHOW cannot stand inside a query',
        'Use them as statements of their own, or query information_schema.columns',
      );
    }
  }

  #checkLateType(node: SyntaxNode): void {
    const name = textOf(node, 'name') ?? '';
    const isQualified = textOf(node, 'schema') !== undefined || textOf(node, 'catalog') !== undefined;
    if (isQualified || !LATE_TYPES.has(asciiLowerCase(name))) {
      throw this.#refusal(node, `the type ${JSON.stringify(name)} is not known`, "Use one of DuckDB's built-in types");
    }
  }

  #visitMembers(node: SyntaxNode, scope: CteScope): void {
    for (const member of Object.values(node)) this.#push(member, scope);
  }

  #push(value: unknown, scope: CteScope): void {
    if (typeof value === 'object' && value !== null) this.#pending.push({ value, scope });
  }

  #refusal(node: SyntaxNode, message: string, hint: string): Error {
    const location = locationOf(node);
    const offset = Number.isFinite(location) ? offsetOfByte(this.#sql, location) : undefined;
    return refusedError({ sql: this.#sql, message, hint, offset });
  }
}

/** Bytes in front of the node; DuckDB writes the greatest 64-bit number where it does not know. */
function locationOf(node: SyntaxNode): number {
  const location = node.query_location;
  return Number.isSafeInteger(location) ? Number(location) : Number.POSITIVE_INFINITY;
}

function distinctTables(
  found: readonly { readonly name: TableName; readonly location: number }[],
): readonly TableName[] {
  const sorted = found.toSorted((a, b) => (a.location === b.location ? 0 : a.location - b.location));
  return [...new Map(sorted.map(({ name }) => [JSON.stringify([name.schemaName, name.table]), name])).values()];
}
