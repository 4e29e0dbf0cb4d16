import { SESSION_FUNCTIONS } from './environment-macros.ts';
import { asNode, asNodes, type PlanNode, textOf } from './plan-json.ts';

/** What a parsed statement names, before anything is folded away. */
export interface StatementReach {
  /** Every table that is named, names of CTEs among them. */
  readonly tables: readonly { readonly schemaName: string; readonly table: string }[];
  /** A constant of the plan may come from the planner's own session: no filter can be trusted. */
  readonly readsSession: boolean;
}

/** Reads the answer of `json_serialize_sql`; undefined unless it is exactly one SELECT. */
export function readStatement(answer: unknown): StatementReach | undefined {
  const statements = asNodes(asNode(answer)?.statements);
  const [statement] = statements;
  if (statement === undefined || statements.length !== 1) return undefined;
  const tables: { readonly schemaName: string; readonly table: string }[] = [];
  let readsSession = false;
  const queue: unknown[] = [statement];
  for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
    const node = Array.isArray(value) ? undefined : asNode(value);
    if (node !== undefined && textOf(node, 'type') === 'BASE_TABLE') {
      tables.push({ schemaName: textOf(node, 'schema_name') ?? 'main', table: textOf(node, 'table_name') ?? '' });
    }
    if (node !== undefined && isSessionFunction(node)) readsSession = true;
    for (const member of Array.isArray(value) ? value : Object.values(node ?? {})) {
      if (typeof member === 'object' && member !== null) queue.push(member);
    }
  }
  return { tables, readsSession };
}

/** A name with a catalog in front passes by the macros. */
function isSessionFunction(node: PlanNode): boolean {
  const name = textOf(node, 'function_name');
  if (name === undefined) return false;
  return SESSION_FUNCTIONS.has(name.toLowerCase()) || textOf(node, 'catalog') !== undefined;
}
