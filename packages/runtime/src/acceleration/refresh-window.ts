import { type Expr, type LiteralValue, TypeId } from '@millrace/core';
import { quoteIdentifier, toExpressionSql, toSqlLiteral } from '@millrace/duckdb';
import type { TimeColumn } from './time-column.ts';
import type { TimeValue } from './time-scale.ts';

/** The rows that a refresh reads. */
export interface RefreshWindow {
  /** A condition in SQL over the columns that are kept. */
  readonly where: string;
  /** The same for the accelerated table; undefined where all of its rows are replaced. */
  readonly filters?: readonly Expr[];
}

/** What a window follows from. */
export interface WindowRequest {
  readonly column: TimeColumn;
  readonly nowMs: number;
  /** The greatest time that has been loaded; undefined reads as if nothing had been. */
  readonly watermark: string | undefined;
  readonly overlapMs: number;
  /** Only rows that are younger are read. */
  readonly dataWindowMs: number | undefined;
}

/**
 * The rows that a refresh reads; undefined for all of them.
 *
 * Behind a watermark these are the rows from the watermark less the overlap on, inclusive, in the steps of the column's type, and those
 * without a time, as nothing tells whether they are new. A data window leaves out what is older than it, and what has no time.
 */
export function toRefreshWindow(request: WindowRequest): RefreshWindow | undefined {
  const { column, nowMs, watermark, overlapMs, dataWindowMs } = request;
  const { scale } = column;
  const startMs = dataWindowMs === undefined ? undefined : nowMs - dataWindowMs;
  if (watermark === undefined) return startMs === undefined ? undefined : { where: youngerThan(column, startMs) };
  const newest = scale.fromText(watermark);
  const bound = scale.minus(newest, overlapMs);
  const start = startMs === undefined ? undefined : scale.at(startMs, newest);
  if (start === undefined) return toWindow(column, or(atOrAbove(column, bound), isNull(column)));
  return toWindow(column, atOrAbove(column, scale.isAbove(start, bound) ? start : bound));
}

function toWindow(column: TimeColumn, filter: Expr): RefreshWindow {
  const where = toExpressionSql(filter, () => column.field);
  if (where === undefined) throw new TypeError(`a window over column ${column.field.name} cannot be written`);
  return { where, filters: [filter] };
}

/** Texts are read as times here: as long as none has been loaded, their form is not known. */
function youngerThan(column: TimeColumn, startMs: number): string {
  const start = column.scale.at(startMs, undefined);
  if (start !== undefined) return toWindow(column, atOrAbove(column, start)).where;
  return `${asInstant(column)} >= ${instantLiteral(startMs)}`;
}

function asInstant({ field }: TimeColumn): string {
  return `TRY_CAST(${quoteIdentifier(field.name)} AS TIMESTAMPTZ)`;
}

function instantLiteral(instantMs: number): string {
  return toSqlLiteral(BigInt(Math.floor(instantMs)) * 1_000n, INSTANT);
}

/** The rows that are older than an instant, as a condition in SQL and, where it can be one, as an expression. */
export function olderThan(column: TimeColumn, instantMs: number): { readonly where: string; readonly filter?: Expr } {
  const bound = column.scale.at(instantMs, undefined);
  if (bound === undefined) return { where: `${asInstant(column)} < ${instantLiteral(instantMs)}` };
  const filter = compare('lt', column, bound);
  return { where: toWindow(column, filter).where, filter };
}

const BOOL = { typeId: TypeId.Bool };
const INSTANT = { typeId: TypeId.Timestamp, unit: 2, timezone: 'UTC' };

function atOrAbove(column: TimeColumn, value: TimeValue): Expr {
  return compare('ge', column, value);
}

function compare(operator: 'ge' | 'lt', { field }: TimeColumn, value: TimeValue): Expr {
  const literal: LiteralValue = value;
  return {
    kind: 'call',
    function: operator,
    type: BOOL,
    args: [columnOf(field), { kind: 'literal', value: literal, type: field.type }],
  };
}

function isNull({ field }: TimeColumn): Expr {
  return { kind: 'call', function: 'is_null', type: BOOL, args: [columnOf(field)] };
}

function or(...args: readonly Expr[]): Expr {
  return { kind: 'call', function: 'or', type: BOOL, args };
}

function columnOf({ name, type }: TimeColumn['field']): Expr {
  return { kind: 'column', path: [name], type };
}
