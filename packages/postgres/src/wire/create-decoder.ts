import { BoolDecoder } from './columns/bool-decoder.ts';
import { BytesDecoder } from './columns/bytes-decoder.ts';
import type { ColumnDecoder } from './columns/column-decoder.ts';
import type { ReportUnfit } from './columns/column-problem.ts';
import { DecimalDecoder } from './columns/decimal-decoder.ts';
import { EnumDecoder } from './columns/enum-decoder.ts';
import { ListDecoder } from './columns/list-decoder.ts';
import {
  Float32Decoder,
  Float64Decoder,
  Int16Decoder,
  Int32Decoder,
  Int64Decoder,
  Uint32Decoder,
} from './columns/number-decoders.ts';
import { StructDecoder } from './columns/struct-decoder.ts';
import { DateDecoder, IntervalDecoder, TimestampDecoder } from './columns/time-decoders.ts';
import type { WireType } from './wire-type.ts';

/** Makes the decoder of a type. */
export function createDecoder(wire: WireType, report: ReportUnfit): ColumnDecoder {
  switch (wire.kind) {
    case 'bool':
      return new BoolDecoder();
    case 'int16':
      return new Int16Decoder();
    case 'int32':
      return new Int32Decoder();
    case 'uint32':
      return new Uint32Decoder();
    case 'int64':
      return new Int64Decoder(wire.type);
    case 'float32':
      return new Float32Decoder();
    case 'float64':
      return new Float64Decoder();
    case 'date':
      return new DateDecoder();
    case 'timestamp':
      return new TimestampDecoder(wire.type, report);
    case 'interval':
      return new IntervalDecoder(report);
    case 'decimal':
      return new DecimalDecoder(wire, report);
    case 'bytes':
      return new BytesDecoder(wire.type, wire.form);
    case 'enum':
      return new EnumDecoder(wire.type, wire.labels, report);
    case 'list':
      return new ListDecoder({
        type: wire.type,
        dimensions: wire.dimensions,
        itemOid: wire.item.oid,
        item: createDecoder(wire.item, report),
        report,
      });
    case 'struct':
      return new StructDecoder({
        type: wire.type,
        members: wire.members.map((member) => ({ oid: member.oid, decoder: createDecoder(member, report) })),
        report,
      });
    default:
      return wire satisfies never;
  }
}
