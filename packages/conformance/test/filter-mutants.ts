import { type DataType, dataTypes, type Expr, MillraceError, TypeId } from '@millrace/core';
import { callOf, condition, literalOf } from '../src/expressions.ts';
import { filterMutant, type Mutant, requestMutant, scanMutant, streamMutant } from './mutate.ts';

const isText = ({ typeId }: DataType): boolean => typeId === TypeId.Utf8;
const FALSE: Expr = literalOf(dataTypes.bool(), false);

/** Rewrites calls of one function, and leaves the rest. */
function callMutant(
  name: string,
  found: string,
  functions: readonly string[],
  rewrite: (call: Extract<Expr, { kind: 'call' }>) => Expr,
): Mutant {
  return filterMutant(name, [found], (expr) =>
    expr.kind === 'call' && functions.includes(expr.function) ? rewrite(expr) : expr,
  );
}

const COMPARISONS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

function mentions(expr: Expr, name: string): boolean {
  return expr.kind === 'call' && (expr.function === name || expr.args.some((arg) => mentions(arg, name)));
}

/** Connectors that push filters which mean something else at their source. */
export const FILTER_MUTANTS: readonly Mutant[] = [
  scanMutant(
    'pushes nothing that it declares',
    ['filters/declared-filters-are-pushed'],
    async (table, request, context) => {
      const plan = await table.scan({ projection: request.projection, filters: [] }, context);
      return { ...plan, applied: { filters: request.filters.map(() => 'none') } };
    },
  ),
  callMutant('has no nulls under NOT', 'filters/three-valued-logic', ['not'], (call) =>
    condition('or', call, condition('is_null', call.args[0]!)),
  ),
  callMutant('writes = for IS NOT DISTINCT FROM', 'filters/distinct-from', ['not_distinct'], (call) => ({
    ...call,
    function: 'eq',
  })),
  callMutant('drops what it cannot say from OR', 'filters/untranslatable-branches', ['or'], (call) => {
    const args = call.args.filter((arg) => !mentions(arg, 'substr'));
    return args.length === 0 ? FALSE : { ...call, args };
  }),
  requestMutant(
    'keeps one filter a column',
    ['filters/contradictions', 'filters/claims-match-the-stream'],
    (request) => ({
      ...request,
      filters: request.filters.slice(0, 1),
    }),
  ),
  callMutant('compares text without case', 'filters/text-compares-by-bytes', COMPARISONS, (call) => {
    const [left, right] = call.args;
    if (left?.kind !== 'column' || !isText(left.type)) return call;
    return { ...call, args: [callOf('lower', left.type, left), callOf('lower', left.type, right!)] };
  }),
  callMutant('ignores trailing spaces', 'filters/text-compares-by-bytes', ['eq'], (call) => {
    const [left, right] = call.args;
    if (right?.kind !== 'literal' || typeof right.value !== 'string') return call;
    const padded = ['', ' ', '  '].map((spaces) => literalOf(right.type, (right.value as string).trimEnd() + spaces));
    return condition('in', left!, ...padded);
  }),
  callMutant('cuts lists at 999 values', 'filters/long-lists', ['in'], (call) => ({
    ...call,
    args: call.args.slice(0, 1_000),
  })),
  callMutant('makes a range of a list of texts', 'filters/text-lists', ['in'], (call) => {
    const [subject, ...options] = call.args;
    const texts = options.flatMap((option) =>
      option.kind === 'literal' && typeof option.value === 'string' ? [option.value] : [],
    );
    if (texts.length !== options.length) return call;
    const bound = (text: string) => literalOf(subject!.type, text);
    const sorted = [...texts].sort();
    const [low, high] = [sorted[0]!, sorted.at(-1)!];
    return condition('and', condition('ge', subject!, bound(low)), condition('le', subject!, bound(high)));
  }),
  callMutant('forgets the escape of LIKE', 'filters/like', ['like'], (call) => ({
    ...call,
    args: [call.args[0]!, call.args[1]!, literalOf(dataTypes.utf8(), '')],
  })),
  callMutant('matches LIKE without case', 'filters/like', ['like'], (call) => ({
    ...call,
    args: [callOf('lower', dataTypes.utf8(), call.args[0]!), lowerLiteral(call.args[1]!), call.args[2]!],
  })),
  callMutant('writes starts_with as LIKE', 'filters/parts-of-text', ['starts_with'], (call) => {
    const [text, part] = call.args;
    if (part?.kind !== 'literal') return call;
    return condition('like', text!, literalOf(part.type, `${String(part.value)}%`), literalOf(part.type, ''));
  }),
  filterMutant('splices values into its statement', ['filters/hostile-values'], (expr) =>
    expr.kind === 'literal' && typeof expr.value === 'string' && expr.value.includes("'")
      ? { ...expr, value: expr.value.replaceAll("''", "'").replace(/'$/, '') }
      : expr,
  ),
  callMutant('cuts fractions off', 'filters/numbers-of-different-widths', COMPARISONS, (call) => {
    const [left, right] = call.args;
    if (right?.kind !== 'literal' || right.type.typeId !== TypeId.Decimal || left?.type.typeId !== TypeId.Int)
      return call;
    const whole = (right.value as bigint) / 10n ** BigInt(right.type.scale ?? 0);
    return { ...call, args: [left, { kind: 'literal', value: whole, type: dataTypes.decimal(38, 0) }] };
  }),
  callMutant('takes the day in another zone', 'filters/dates-and-timestamps', ['cast'], (call) => {
    if (call.type.typeId !== TypeId.Date) return call;
    const day = literalOf(dataTypes.date(), '2020-10-05');
    return callOf('case', call.type, condition('eq', call, day), literalOf(dataTypes.date(), '2020-10-06'), call);
  }),
  callMutant('finds no NaN', 'filters/nan-and-infinity', COMPARISONS, (call) =>
    call.args.some((arg) => arg.kind === 'literal' && Number.isNaN(arg.value)) ? FALSE : call,
  ),
  callMutant('gives remainders the sign of the divisor', 'filters/arithmetic', ['mod'], (call) => {
    const [left, right] = call.args as [Expr, Expr];
    return {
      ...call,
      args: [callOf('add', call.type, call, right), right].map((arg, index) =>
        index === 0 && right.kind === 'literal' ? left : arg,
      ),
    };
  }),
  scanMutant('pushes volatile functions', ['filters/volatile-functions-stay'], async (table, request, context) => {
    const plan = await table.scan(request, context);
    return { ...plan, applied: { ...plan.applied, filters: request.filters.map(() => 'exact') } };
  }),
  streamMutant(
    'casts before it looks at the guard',
    ['filters/guards-keep-guarding'],
    async function* (open, { context, request }) {
      if (request.filters.some((filter) => mentions(filter, 'cast')))
        throw new MillraceError({ code: 'invalid_data', component: 'mutant', message: 'a text is no number' });
      yield* open(context);
    },
  ),
  scanMutant('explains without its statement', ['filters/explain-shows-filters'], async (table, request, context) => {
    const plan = await table.scan(request, context);
    return { ...plan, explain: () => ({ source: 'model', statement: 'SELECT' }) };
  }),
];

function lowerLiteral(expr: Expr): Expr {
  return expr.kind === 'literal' && typeof expr.value === 'string'
    ? { ...expr, value: expr.value.toLowerCase() }
    : expr;
}
