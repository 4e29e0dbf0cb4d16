import { MillraceError } from './error.ts';
import { type Expr, isVolatile } from './expression.ts';
import type { ExecutionPlan, ScanRequest } from './scan.ts';

/** Aggregates whose partial results merge into the whole one: counts and sums add up, minima and maxima nest. */
const MERGEABLE: ReadonlySet<string> = new Set(['count', 'sum', 'min', 'max']);

/**
 * Rejects a plan that claims what the order of stages does not allow.
 *
 * A provider may only under-claim: a stage can be done at the source only when every stage before it was done there
 * completely. An engine calls this on every plan, so a wrong connector fails loudly instead of losing rows. Costs microseconds.
 *
 * @throws MillraceError `invalid_plan` naming the source and the broken rule.
 */
export function checkPlan(request: ScanRequest, plan: ExecutionPlan): void {
  const broken = findBrokenRule(request, plan);
  if (broken === undefined) return;
  throw new MillraceError({
    code: 'invalid_plan',
    component: plan.explain().source,
    message: broken,
    hint: 'This is a defect of the connector: it claims a pushdown that would change the result. Run the query with pushdown off and report it.',
  });
}

function findBrokenRule(request: ScanRequest, plan: ExecutionPlan): string | undefined {
  const { applied } = plan;
  const aggregate = applied.aggregate ?? 'none';
  const order = applied.order ?? 'none';
  const limit = applied.limit ?? 'none';

  if (plan.partitions.length === 0) return 'the plan has no partition';
  if (new Set(plan.partitions.map((partition) => partition.id)).size !== plan.partitions.length)
    return 'two partitions have the same id';
  if (applied.filters.length !== request.filters.length)
    return `the plan answers ${applied.filters.length} filters of ${request.filters.length}`;
  if (request.filters.some((filter, index) => isVolatile(filter) && applied.filters[index] !== 'none'))
    return 'a volatile filter was pushed down';

  if (applied.sample === true && !request.sample) return 'a sample was taken without being asked for';
  if (aggregate !== 'none' && !request.aggregate) return 'an aggregate was computed without being asked for';
  if (order !== 'none' && !request.order) return 'an order was applied without being asked for';
  if (limit !== 'none' && request.limit === undefined) return 'a limit was applied without being asked for';
  if (applied.offset === true && request.offset === undefined) return 'an offset was applied without being asked for';

  const aggregated = request.aggregate !== undefined && aggregate !== 'none' ? request.aggregate : undefined;
  const pushed: Expr[] = order === 'none' ? [] : (request.order ?? []).map((key) => key.expr);
  pushed.push(...(aggregated?.groupBy ?? []));
  for (const call of aggregated?.calls ?? []) pushed.push(...call.args, ...(call.filter ? [call.filter] : []));
  if (pushed.some(isVolatile)) return 'a volatile expression was pushed down';
  const expectedCount = aggregated
    ? aggregated.groupBy.length + aggregated.calls.length
    : request.projection.length + (request.metadataColumns?.length ?? 0);
  if (plan.schema.fields.length !== expectedCount)
    return `the plan has ${plan.schema.fields.length} columns, and ${expectedCount} were requested`;

  const sampleDone = request.sample === undefined || applied.sample === true;
  if (!sampleDone && applied.filters.some((degree) => degree !== 'none'))
    return 'a filter was pushed below a residual sample';

  const filtersDone = applied.filters.every((degree) => degree === 'exact');
  if (aggregate !== 'none' && !(sampleDone && filtersDone))
    return 'an aggregate was pushed below a residual filter or sample';
  if (
    aggregate === 'partial' &&
    request.aggregate?.calls.some((call) => call.distinct || !MERGEABLE.has(call.function)) === true
  )
    return 'a partial aggregate was claimed for a call that has no partial form';

  const aggregateDone = request.aggregate === undefined || aggregate === 'complete';
  if (aggregate === 'complete' && plan.partitions.length > 1) return 'a complete aggregate needs one partition';
  if (order === 'exact' && !aggregateDone) return 'rows were sorted before the aggregate was complete';

  const rowsDone = sampleDone && filtersDone && aggregateDone;
  const orderDone = request.order === undefined || order === 'exact';
  if (limit !== 'none' && !rowsDone) return 'a limit was pushed below a residual filter, sample or aggregate';
  if (limit !== 'none' && !orderDone) return 'a limit was pushed below a residual order';
  if (applied.offset === true && !(rowsDone && orderDone)) return 'an offset was pushed below a residual stage';
  if (applied.offset === true && plan.partitions.length > 1) return 'an offset needs one partition';
  if (limit === 'exact' && plan.partitions.length > 1) return 'an exact limit needs one partition';
  const offsetDone = request.offset === undefined || applied.offset === true;
  if (limit === 'exact' && !offsetDone) return 'an exact limit was applied below a residual offset';
  return undefined;
}
