import { batchFromColumns } from '@millrace/arrow';
import { type ColumnData, type DataType, dataTypes, field } from '@millrace/core';
import type { ValueSource } from '../row-run.ts';
import type { ReportUnfit } from './column-problem.ts';
import { FixedDecoder } from './fixed-decoder.ts';

/** The type of an enum's column: indices into its labels, which the catalog knows. */
export function enumType(): DataType {
  return { typeId: -1, indices: dataTypes.int32(), dictionary: dataTypes.utf8(), isOrdered: false };
}

/** An enum: the server sends each value's label, the column holds its place in the type's declaration. */
export class EnumDecoder extends FixedDecoder<Int32Array> {
  readonly #type: DataType;
  readonly #places: ReadonlyMap<string, number>;
  readonly #dictionary: ColumnData;
  readonly #report: ReportUnfit;

  constructor(type: DataType, labels: readonly string[], report: ReportUnfit) {
    super(type, Int32Array, 1);
    this.#type = type;
    this.#places = new Map(labels.map((label, place) => [Buffer.from(label, 'utf8').toString('latin1'), place]));
    const [dictionary] = batchFromColumns({ fields: [field('label', dataTypes.utf8())] }, [labels]).data.children;
    this.#dictionary = dictionary!;
    this.#report = report;
  }

  protected write({ bytes }: ValueSource, start: number, row: number, length: number): void {
    const label = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1');
    this.values[row] =
      this.#places.get(label) ?? this.#report('an enum label that was added after the scan was planned');
  }

  override finish(): ColumnData {
    return { ...super.finish(), type: this.#type, dictionary: { data: [this.#dictionary] } };
  }
}
