import type { LiteralLike } from '@millrace/arrow';
import type { DataType } from '@millrace/core';
import { type BoundValue, type QueryParameters, toSqlLiteral } from '@millrace/duckdb';
import type { Random } from '../random/random.ts';
import { kindOf } from './value-kind.ts';

/** How a query gets its values: all as literals, or most of them as parameters of one style. */
export type ParameterStyle = 'none' | 'dollar_number' | 'question_mark' | 'dollar_name';

/** Puts values into the text of one query. */
export interface QueryValues {
  /** The value in SQL: a typed literal, or a mark that {@link finish} makes a parameter of. */
  write(value: LiteralLike, type: DataType): string;
  /** The value as a literal in any style, for lists that are too long to be parameters. */
  writeLiteral(value: LiteralLike, type: DataType): string;
  /** The text with its marks replaced, and the parameters that it uses. */
  finish(text: string): { readonly sql: string; readonly parameters?: QueryParameters };
}

const PARAMETER_SHARE = 0.7;
const BARE_SHARE = 0.6;
/** Characters of private use, which no generated text holds otherwise. */
const MARK = /\ue000(\d+)\ue001/g;

export function createQueryValues(random: Random, style: ParameterStyle): QueryValues {
  const bound: BoundValue[] = [];
  return {
    write(value, type) {
      if (style === 'none' || !random.chance(PARAMETER_SHARE)) {
        return (random.chance(BARE_SHARE) ? bareLiteral(value, type) : undefined) ?? toSqlLiteral(value, type);
      }
      bound.push(toParameter(random, value, type));
      return `\ue000${bound.length - 1}\ue001`;
    },
    writeLiteral: (value, type) => bareLiteral(value, type) ?? toSqlLiteral(value, type),
    finish(text) {
      switch (style) {
        case 'none':
          return { sql: text };
        case 'question_mark': {
          const used: BoundValue[] = [];
          const sql = text.replace(MARK, (_, index: string) => {
            used.push(bound[Number(index)] ?? null);
            return '?';
          });
          return withParameters(sql, used);
        }
        case 'dollar_number': {
          const used: number[] = [];
          const sql = text.replace(MARK, (_, index: string) => {
            const number = Number(index);
            if (!used.includes(number)) used.push(number);
            return `$${used.indexOf(number) + 1}`;
          });
          return withParameters(
            sql,
            used.map((number) => bound[number] ?? null),
          );
        }
        case 'dollar_name': {
          const used: Record<string, BoundValue> = {};
          const sql = text.replace(MARK, (_, index: string) => {
            used[`p_${index}`] = bound[Number(index)] ?? null;
            return `$p_${index}`;
          });
          return withParameters(sql, used);
        }
        default:
          return style satisfies never;
      }
    },
  };
}

function withParameters(sql: string, parameters: QueryParameters): ReturnType<QueryValues['finish']> {
  return Object.keys(parameters).length === 0 ? { sql } : { sql, parameters };
}

/** The value with its type, or as a plain value of JavaScript where that stands for the same. */
function toParameter(random: Random, value: LiteralLike, type: DataType): BoundValue {
  return (random.chance(0.5) ? plainValue(value, type) : undefined) ?? { value, type };
}

function plainValue(value: LiteralLike, type: DataType): BoundValue | undefined {
  switch (kindOf(type)) {
    case 'boolean':
    case 'integer':
    case 'float':
    case 'text':
    case 'bytes':
      return value as BoundValue;
    case 'instant':
      return typeof value === 'bigint' && value % 1000n === 0n ? new Date(Number(value / 1000n)) : undefined;
    default:
      return undefined;
  }
}

/** The value as people write it, whose type the engine takes from its looks. */
function bareLiteral(value: LiteralLike, type: DataType): string | undefined {
  if (value === null) return undefined;
  switch (kindOf(type)) {
    case 'integer':
      return String(value);
    case 'decimal':
      return formatUnscaled(value as bigint, type.scale ?? 0);
    case 'float':
      return Number.isFinite(value) && !Object.is(value, -0) ? String(value) : undefined;
    case 'date':
      return Math.abs(value as number) > LAST_WRITTEN_DAY ? undefined : `DATE '${formatDay(value as number)}'`;
    default:
      return undefined;
  }
}

function formatUnscaled(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}`;
}

/** The end of what a Date can say, on either side of 1970; infinite days are beyond it. */
const LAST_WRITTEN_DAY = 100_000_000;

function formatDay(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}
