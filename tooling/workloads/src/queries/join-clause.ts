import type { JoinPath } from './join-paths.ts';
import { predicate } from './predicate.ts';
import type { QueryContext } from './query-context.ts';
import { type QueryColumn, type Relation, tableRelation } from './relation.ts';
import { rowsHolding, type TableData } from './table-data.ts';

/** A relation with the table and the row that it stands for. */
export interface Placed {
  readonly relation: Relation;
  readonly table: TableData;
  readonly witness: number;
}

/** Another relation, and the pair of columns over which it meets the first. */
export interface Joined {
  readonly placed: Placed;
  readonly on: { readonly left: QueryColumn; readonly right: QueryColumn };
  /** Rows of the join for each row of the first relation, on average. */
  readonly fanOut: number;
}

/** FROM with its relations and what WHERE has to say for it. */
export interface FromClause {
  readonly relations: readonly Relation[];
  readonly sql: string;
  readonly conditions: readonly string[];
}

/** At most so many rows come out of a join, by the average fan-out of its paths. */
const MAX_ROWS = 4_000;

export function placeTable({ random, tables, alias }: QueryContext, table?: TableData): Placed {
  const chosen = table ?? random.pick(tables);
  const witness = random.integer(0, chosen.rowCount - 1);
  return { relation: tableRelation(chosen, alias(), witness), table: chosen, witness };
}

/** A relation that meets this one in their witnesses, or undefined where nothing meets this witness. */
export function joinPartner(context: QueryContext, left: Placed, maxFanOut = 20): Joined | undefined {
  const { random, joinPaths, alias } = context;
  const found = joinPaths.flatMap((path) => {
    if (path.left !== left.table || path.fanOut > maxFanOut) return [];
    const rows = matchingRows(path, left.witness);
    return rows.length === 0 ? [] : [{ path, rows }];
  });
  if (found.length === 0) return undefined;
  const { path, rows } = random.pick(found);
  const witness = random.pick(rows);
  const relation = tableRelation(path.right, alias(), witness);
  return {
    placed: { relation, table: path.right, witness },
    on: { left: columnOf(left.relation, path.leftColumn), right: columnOf(relation, path.rightColumn) },
    fanOut: path.fanOut,
  };
}

/** Two or three relations, joined in any way that needs no more than equal keys and a predicate. */
export function joinClause(context: QueryContext): FromClause {
  const { random } = context;
  const placed = [placeTable(context)];
  const count = random.chance(0.3) ? 3 : 2;
  const parts = [placed[0]?.relation.from ?? ''];
  const conditions: string[] = [];
  let rowCount = placed[0]?.table.rowCount ?? 0;
  for (let tries = 0; placed.length < count && tries < 20; tries++) {
    const left = random.pick(placed);
    const joined = joinPartner(context, left, MAX_ROWS / rowCount);
    if (joined === undefined) {
      // Nothing meets this witness; start over from another one.
      if (placed.length === 1) {
        placed[0] = placeTable(context);
        parts[0] = placed[0].relation.from;
        rowCount = placed[0].table.rowCount;
      }
      continue;
    }
    if (placed.some(({ table }) => table === joined.placed.table)) context.tag('self_join');
    rowCount = rowCount * Math.max(1, joined.fanOut) + joined.placed.table.rowCount;
    const { text, condition } = writeJoin(context, joined);
    parts.push(text);
    if (condition !== undefined) conditions.push(condition);
    placed.push(joined.placed);
  }
  return { relations: placed.map(({ relation }) => relation), sql: parts.join(' '), conditions };
}

function writeJoin(
  context: QueryContext,
  { placed: { relation }, on }: Joined,
): { readonly text: string; readonly condition?: string } {
  const { random } = context;
  const equality = random.chance(0.5) ? `${on.left.ref} = ${on.right.ref}` : `${on.right.ref} = ${on.left.ref}`;
  const kind = random.pick(['comma', 'JOIN', 'JOIN', 'LEFT JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'] as const);
  if (kind === 'comma') {
    // CROSS JOIN, because a comma binds less than the joins around it.
    context.tag('inner_join');
    return { text: `CROSS JOIN ${relation.from}`, condition: equality };
  }
  context.tag(
    kind
      .toLowerCase()
      .replace(' ', '_')
      .replace(/^join$/, 'inner_join'),
  );
  const extra = random.chance(0.35)
    ? ` AND (${predicate({ context, columns: random.chance(0.7) ? relation.columns : [on.left, on.right], depth: 1 })})`
    : '';
  return { text: `${kind} ${relation.from} ON ${equality}${extra}` };
}

function matchingRows({ left, leftColumn, right, rightColumn }: JoinPath, witness: number): readonly number[] {
  const value = left.columns.find(({ name }) => name === leftColumn)?.values[witness] ?? null;
  const column = right.columns.find(({ name }) => name === rightColumn);
  return column === undefined ? [] : rowsHolding(column, value);
}

function columnOf({ columns }: Relation, name: string): QueryColumn {
  const found = columns.find((column) => column.name === name);
  if (found === undefined) throw new TypeError(`there is no column ${name}`);
  return found;
}
