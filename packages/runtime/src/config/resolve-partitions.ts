import type { PartitionDatePart, PartitionPeriod, PartitionTransform } from '@millrace/core';
import { parseColumnList } from './column-list.ts';
import type { ConfigContext } from './config-context.ts';
import type { AccelerationConfig } from './config-model.ts';
import type { ConfigPath } from './config-node.ts';
import { placeOf } from './config-place.ts';

const PERIODS: readonly PartitionPeriod[] = ['year', 'quarter', 'month', 'week', 'day', 'hour'];
/** Parts that come again; a year does not, and is the period. */
const PARTS: readonly PartitionDatePart[] = [
  'quarter',
  'month',
  'week',
  'day',
  'dayofweek',
  'dayofyear',
  'hour',
  'minute',
];
const CALL = /^(\w+)\s*\(\s*(?:('?)(\w+)\2\s*,\s*)?(.+?)\s*\)$/s;

/** Reads `partition_by` of an `acceleration` block, and reports every problem. */
export function resolvePartitions(
  context: ConfigContext,
  path: ConfigPath,
  texts: readonly string[] | null | undefined,
): Pick<AccelerationConfig, 'partitionBy'> {
  if (!texts || !context.shape.isSound(path)) return {};
  const partitionBy = texts.flatMap((text, index) => {
    const parsed = parsePartition(text.trim());
    if (typeof parsed !== 'string') return [parsed];
    context.report.problem({
      ...placeOf(context.root, [...path, index]),
      code: 'invalid_config',
      message: `\`acceleration.partition_by\` cannot be ${text}`,
      hint: parsed,
    });
    return [];
  });
  return partitionBy.length === 0 ? {} : { partitionBy };
}

/** A transform, or what to do about a text that is none. */
function parsePartition(text: string): PartitionTransform | string {
  const call = CALL.exec(text);
  const name = call?.[1]?.toLowerCase();
  const column = parseColumn(call?.[4] ?? text);
  if (column === undefined) return 'Name one column, in quotes where it is no word';
  const argument = call?.[3]?.toLowerCase();
  if (name === undefined) return { kind: 'identity', column };
  if (name === 'bucket' || name === 'truncate') {
    const count = /^[1-9]\d{0,8}$/.test(argument ?? '') ? Number(argument) : undefined;
    if (count === undefined) return `Write ${name}(16, column) with a whole number above 0`;
    return name === 'bucket' ? { kind: name, column, count } : { kind: name, column, width: count };
  }
  if (name === 'date_trunc') {
    const unit = PERIODS.find((period) => period === argument);
    if (unit !== undefined) return { kind: name, column, unit };
    return `Name one of the periods ${PERIODS.join(', ')}: date_trunc('month', column)`;
  }
  const wanted = name === 'date_part' ? argument : argument === undefined ? name : undefined;
  if (wanted === 'year') return { kind: 'date_trunc', column, unit: wanted };
  const part = PARTS.find((known) => known === wanted);
  if (part !== undefined) return { kind: 'date_part', column, part };
  if (name === 'date_part') return `Name one of the parts year, ${PARTS.join(', ')}: date_part('month', column)`;
  return "Write column, bucket(16, column), truncate(100, column), date_trunc('month', column), year(column) or month(column)";
}

function parseColumn(text: string): string | undefined {
  const columns = parseColumnList(text);
  return columns?.length === 1 && !text.includes('(') ? columns[0] : undefined;
}
