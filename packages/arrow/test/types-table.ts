import { type DataType, dataTypes, field, TimeUnit, TypeId } from '@millrace/core';
import {
  type BuildValue,
  createColumnBuilder,
  createLiteralReader,
  createValueReader,
  describeType,
} from '../src/index.ts';

/** One value of each kind of type, in the form that people most likely have it in. */
const EXAMPLES: readonly (readonly [DataType, BuildValue])[] = [
  [dataTypes.bool(), true],
  [dataTypes.int32(), 42],
  [dataTypes.int64(), 42],
  [dataTypes.uint64(), '18446744073709551615'],
  [dataTypes.float64(), 0.5],
  [{ typeId: TypeId.Float, precision: 0 }, 0.5],
  [dataTypes.decimal(10, 2), '12.5'],
  [dataTypes.utf8(), 'text'],
  [dataTypes.binary(), Uint8Array.of(1, 2)],
  [dataTypes.fixedSizeBinary(2), Uint8Array.of(1, 2)],
  [dataTypes.date(), '2024-02-29'],
  [{ typeId: TypeId.Date, unit: 1 }, '2024-02-29'],
  [dataTypes.time(), '12:30:00.5'],
  [dataTypes.timestamp(), '2024-02-29T12:00:00.5'],
  [dataTypes.timestamp(TimeUnit.Millisecond, 'UTC'), new Date('2024-02-29T12:00:00Z')],
  [dataTypes.duration(TimeUnit.Millisecond), 1_500n],
  [dataTypes.interval(), { months: 14, days: 3 }],
  [dataTypes.list(dataTypes.int64()), [1, null]],
  [dataTypes.fixedSizeList(dataTypes.float32(), 2), [0.5, 1]],
  [dataTypes.struct([field('city', dataTypes.utf8())]), { city: 'Oslo' }],
  [dataTypes.map(dataTypes.utf8(), dataTypes.int32()), { a: 1 }],
  [
    { typeId: TypeId.Union, mode: 1, children: [field('n', dataTypes.int32()), field('s', dataTypes.utf8())] },
    { tag: 'n', value: 1 },
  ],
  [{ typeId: TypeId.Dictionary, indices: dataTypes.uint8(), dictionary: dataTypes.utf8() }, 'red'],
];

/** The README's table of types, as the code behaves. */
export function typesTable(): string {
  const rows = EXAMPLES.map(([type, value]) => {
    const builder = createColumnBuilder(type);
    builder.append(value);
    const column = builder.finish();
    const cells = [value, createLiteralReader(column)(0), createValueReader(column)(0)].map((cell) => code(show(cell)));
    return `| ${code(describeType(type))} | ${cells.join(' | ')} |`;
  });
  return ['| Type | A builder takes, for example | Literal | Row value |', '|---|---|---|---|', ...rows].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Date) return `new Date('${value.toISOString()}')`;
  if (value instanceof Uint8Array) return `Uint8Array [${value.join(', ')}]`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(([name, member]) => `${name}: ${show(member)}`);
  return `{ ${members.join(', ')} }`;
}
