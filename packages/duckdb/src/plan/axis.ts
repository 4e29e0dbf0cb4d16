import { type DataType, TimeUnit, TypeId } from '@millrace/core';
import { asNode, indexOf, type PlanNode, textOf } from './plan-json.ts';

/**
 * A line of numbers on which values of several types have places: integers and decimals on `number`, dates and wall-clock
 * timestamps on `local`, instants on `instant`, times of day on `time`. A value of the type is an integer, `units` of which
 * make one (on `number`) or one day (on the others).
 *
 * Two types on one axis whose units divide each other compare exactly, without a cast that could raise.
 */
export interface Axis {
  readonly kind: 'number' | 'local' | 'instant' | 'time';
  readonly units: bigint;
}

const SECONDS_A_DAY = 86_400n;

/** The axis of an Arrow type, or undefined where its values are not integers on a line. */
export function axisOfType(type: DataType): Axis | undefined {
  switch (type.typeId) {
    case TypeId.Int:
      return { kind: 'number', units: 1n };
    case TypeId.Decimal:
      return { kind: 'number', units: 10n ** BigInt(type.scale ?? 0) };
    case TypeId.Date:
      // The literal of a date counts days, whatever the unit of the column.
      return { kind: 'local', units: 1n };
    case TypeId.Time:
      return { kind: 'time', units: unitsADay(type.unit) };
    case TypeId.Timestamp:
      return { kind: type.timezone ? 'instant' : 'local', units: unitsADay(type.unit) };
    default:
      return undefined;
  }
}

/** The axis of a type as a plan spells it. */
export function axisOfPlanType(type: PlanNode): Axis | undefined {
  switch (textOf(type, 'id')) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
    case 'UTINYINT':
    case 'USMALLINT':
    case 'UINTEGER':
    case 'UBIGINT':
    case 'HUGEINT':
    case 'UHUGEINT':
      return { kind: 'number', units: 1n };
    case 'DECIMAL':
      return { kind: 'number', units: 10n ** BigInt(indexOf(asNode(type.type_info)?.scale) ?? 0) };
    case 'DATE':
      return { kind: 'local', units: 1n };
    case 'TIMESTAMP':
      return { kind: 'local', units: SECONDS_A_DAY * 1_000_000n };
    case 'TIMESTAMP_S':
      return { kind: 'local', units: SECONDS_A_DAY };
    case 'TIMESTAMP_MS':
      return { kind: 'local', units: SECONDS_A_DAY * 1_000n };
    case 'TIMESTAMP_NS':
      return { kind: 'local', units: SECONDS_A_DAY * 1_000_000_000n };
    case 'TIMESTAMP WITH TIME ZONE':
      return { kind: 'instant', units: SECONDS_A_DAY * 1_000_000n };
    case 'TIME':
      return { kind: 'time', units: SECONDS_A_DAY * 1_000_000n };
    case 'TIME_NS':
      return { kind: 'time', units: SECONDS_A_DAY * 1_000_000_000n };
    default:
      return undefined;
  }
}

/** How many units of `fine` one unit of `coarse` is, or undefined where it is no whole number. */
export function unitRatio(fine: Axis, coarse: Axis): bigint | undefined {
  return fine.kind === coarse.kind && fine.units % coarse.units === 0n ? fine.units / coarse.units : undefined;
}

function unitsADay(unit: number | undefined): bigint {
  switch (unit) {
    case TimeUnit.Second:
      return SECONDS_A_DAY;
    case TimeUnit.Millisecond:
      return SECONDS_A_DAY * 1_000n;
    case TimeUnit.Nanosecond:
      return SECONDS_A_DAY * 1_000_000_000n;
    default:
      return SECONDS_A_DAY * 1_000_000n;
  }
}
