import { type DataType, DateUnit, FloatPrecision, IntervalUnit, TypeId, UnionMode } from '@millrace/core';
import { timeWidth } from '../time-width.ts';

const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const;

/**
 * A type in words, for messages and tables: `int64`, `decimal(10,2)`, `timestamp[us, UTC]`, `list<utf8>`,
 * `struct<city: utf8>`, `dictionary<int32, utf8>`.
 *
 * It names everything that tells two types apart except metadata; it is not meant to be parsed.
 */
export function describeType(type: DataType): string {
  switch (type.typeId) {
    case TypeId.Null:
      return 'null';
    case TypeId.Bool:
      return 'bool';
    case TypeId.Int:
      return `${type.isSigned === false ? 'uint' : 'int'}${type.bitWidth ?? 32}`;
    case TypeId.Float:
      return describeFloat(type);
    case TypeId.Decimal:
      return `${type.bitWidth === 256 ? 'decimal256' : 'decimal'}(${type.precision ?? '?'},${type.scale ?? 0})`;
    case TypeId.Utf8:
      return 'utf8';
    case TypeId.LargeUtf8:
      return 'large_utf8';
    case TypeId.Binary:
      return 'binary';
    case TypeId.LargeBinary:
      return 'large_binary';
    case TypeId.FixedSizeBinary:
      return `fixed_size_binary(${type.byteWidth ?? '?'})`;
    case TypeId.Date:
      return type.unit === DateUnit.Millisecond ? 'date64' : 'date32';
    case TypeId.Time:
      return `time${timeWidth(type)}[${timeUnit(type)}]`;
    case TypeId.Timestamp:
      return `timestamp[${timeUnit(type)}${type.timezone ? `, ${type.timezone}` : ''}]`;
    case TypeId.Duration:
      return `duration[${timeUnit(type)}]`;
    case TypeId.Interval:
      return describeInterval(type);
    default:
      return describeNested(type);
  }
}

function describeNested(type: DataType): string {
  const children = type.children ?? [];
  switch (type.typeId) {
    case TypeId.List:
      return `list<${children.map(describeItem)}>`;
    case TypeId.LargeList:
      return `large_list<${children.map(describeItem)}>`;
    case TypeId.FixedSizeList:
      return `fixed_size_list<${children.map(describeItem)}, ${type.listSize ?? '?'}>`;
    case TypeId.Struct:
      return `struct<${children.map(describeChild).join(', ')}>`;
    case TypeId.Map:
      return `map<${(children[0]?.type.children ?? []).map(describeItem).join(', ')}>`;
    case TypeId.Union:
      return `${type.mode === UnionMode.Dense ? 'dense' : 'sparse'}_union<${children.map(describeChild).join(', ')}>`;
    case TypeId.Dictionary:
      return `dictionary<${type.indices ? describeType(type.indices) : '?'}, ${type.dictionary ? describeType(type.dictionary) : '?'}>`;
    default:
      return `type ${type.typeId}`;
  }
}

function describeItem(child: { readonly type: DataType }): string {
  return describeType(child.type);
}

function describeChild(child: { readonly name: string; readonly type: DataType }): string {
  return `${child.name}: ${describeType(child.type)}`;
}

function describeFloat(type: DataType): string {
  switch (type.precision) {
    case FloatPrecision.Half:
      return 'float16';
    case FloatPrecision.Single:
      return 'float32';
    default:
      return 'float64';
  }
}

function describeInterval(type: DataType): string {
  switch (type.unit) {
    case IntervalUnit.YearMonth:
      return 'interval[year_month]';
    case IntervalUnit.DayTime:
      return 'interval[day_time]';
    default:
      return 'interval[month_day_nano]';
  }
}

function timeUnit(type: DataType): string {
  return TIME_UNITS[type.unit ?? -1] ?? '?';
}
