import { type Joined, joinPartner, type Placed, placeTable } from '../join-clause.ts';
import { predicate } from '../predicate.ts';
import type { QueryContext } from '../query-context.ts';
import { tableRelation } from '../relation.ts';
import { selectList, whereClause } from '../select-list.ts';
import { rowsHolding } from '../table-data.ts';

/** Rows that another table has, or has not: IN, EXISTS, SEMI JOIN and their opposites. */
export function membershipShape(context: QueryContext): string {
  const { random } = context;
  const [outer, inner] = random.chance(0.6) ? partners(context) : strangers(context);
  const isMember = inner.isMet;
  const { relation } = inner.joined.placed;
  const { left, right } = inner.joined.on;
  const filter = random.chance(0.6) ? ` AND (${predicate({ context, columns: relation.columns, depth: 1 })})` : '';
  const list = selectList(context, outer.relation.columns);
  context.tag(isMember ? 'semi_join' : 'anti_join');
  switch (random.pick(['in', 'exists', 'join'] as const)) {
    case 'in': {
      context.tag('in_subquery');
      // A null among the values would make NOT IN null for every row.
      const notNull = isMember || random.chance(0.1) ? 'true' : `${right.ref} IS NOT NULL`;
      const subquery = `SELECT ${right.ref} FROM ${relation.from} WHERE ${notNull}${filter}`;
      const condition = `${left.ref} ${isMember ? 'IN' : 'NOT IN'} (${subquery})`;
      return `SELECT ${list} FROM ${outer.relation.from}${whereClause(context, outer.relation.columns, [condition])}`;
    }
    case 'exists': {
      context.tag('correlated');
      const subquery = `SELECT 1 FROM ${relation.from} WHERE ${right.ref} = ${left.ref}${filter}`;
      const condition = `${isMember ? '' : 'NOT '}EXISTS (${subquery})`;
      return `SELECT ${list} FROM ${outer.relation.from}${whereClause(context, outer.relation.columns, [condition])}`;
    }
    default: {
      const kind = isMember ? 'SEMI JOIN' : 'ANTI JOIN';
      const from = `${outer.relation.from} ${kind} ${relation.from} ON ${left.ref} = ${right.ref}${filter}`;
      return `SELECT ${list} FROM ${from}${whereClause(context, outer.relation.columns)}`;
    }
  }
}

/** A value from another table beside each row, or as a bound of a filter. */
export function scalarShape(context: QueryContext): string {
  context.tag('scalar_subquery');
  const { random } = context;
  const [outer, { joined }] = partners(context);
  const { relation } = joined.placed;
  const { left, right } = joined.on;
  const isCorrelated = random.chance(0.6);
  if (isCorrelated) context.tag('correlated');
  const column = random.pick(relation.columns);
  const aggregate = random.pick(['max', 'min', 'count']);
  const condition = isCorrelated ? `${right.ref} = ${left.ref}` : predicate({ context, columns: relation.columns });
  const subquery = `(SELECT ${aggregate}(${column.ref}) FROM ${relation.from} WHERE ${condition})`;
  const list = selectList(context, outer.relation.columns);
  if (random.chance(0.5)) {
    return `SELECT ${list}, ${subquery} AS s FROM ${outer.relation.from}${whereClause(context, outer.relation.columns)}`;
  }
  const filter = isCorrelated
    ? `(SELECT count(*) FROM ${relation.from} WHERE ${condition}) >= 1`
    : `${left.ref} <= (SELECT max(${right.ref}) FROM ${relation.from})`;
  return `SELECT ${list} FROM ${outer.relation.from}${whereClause(context, outer.relation.columns, [filter])}`;
}

interface Other {
  readonly joined: Joined;
  /** Whether the witness of the first relation has a partner in the second. */
  readonly isMet: boolean;
}

/** Two relations that meet in their witnesses. */
function partners(context: QueryContext): readonly [Placed, Other] {
  for (;;) {
    const outer = placeTable(context);
    const joined = joinPartner(context, outer);
    if (joined !== undefined) return [outer, { joined, isMet: true }];
  }
}

/** Two relations of which the first one's witness has no partner in the second; where every row has one, they meet. */
function strangers(context: QueryContext): readonly [Placed, Other] {
  const { random, joinPaths, alias } = context;
  for (let tries = 0; tries < 30; tries++) {
    const path = random.pick(joinPaths);
    const outer = placeTable(context, path.left);
    const left = outer.relation.columns.find(({ name }) => name === path.leftColumn);
    const rightValues = path.right.columns.find(({ name }) => name === path.rightColumn);
    if (left === undefined || rightValues === undefined || left.value === null) continue;
    if (rowsHolding(rightValues, left.value).length > 0) continue;
    const witness = random.integer(0, path.right.rowCount - 1);
    const relation = tableRelation(path.right, alias(), witness);
    const right = relation.columns.find(({ name }) => name === path.rightColumn);
    if (right === undefined) continue;
    const placed = { relation, table: path.right, witness };
    return [outer, { joined: { placed, on: { left, right }, fanOut: path.fanOut }, isMet: false }];
  }
  return partners(context);
}
