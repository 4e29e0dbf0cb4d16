import { createValueReader, type RowValue } from '@millrace/arrow';
import { type Field, TypeId } from '@millrace/core';
import { Table } from 'console-table-printer';
import { toVisible, truncate, widthOf } from './cell-text.ts';
import { fitColumns } from './fit-columns.ts';
import type { Tabular } from './row-encoder.ts';
import { createTextEncoder } from './text-encoder.ts';

/** Rows beyond these are counted and not shown. */
export const MAX_TABLE_ROWS = 1_000;

/** Border and two spaces. */
const FRAME_WIDTH = 3;

/**
 * A table for people. It shows at most {@link MAX_TABLE_ROWS} rows and says how many more there are; columns are cut to the
 * width of the terminal. NULL is `NULL`, and a text of these letters stands in quotes.
 */
export async function* encodeTable(
  { schema: { fields }, batches }: Tabular,
  /** Terminal cells to fit into; without it nothing is cut. */
  maxWidth: number | undefined,
): AsyncGenerator<string, void, undefined> {
  const encoders = fields.map(createCellEncoder);
  const rows: string[][] = [];
  let rowCount = 0;
  for await (const batch of batches) {
    const readers = batch.data.children.map(createValueReader);
    const shown = Math.min(batch.numRows, MAX_TABLE_ROWS - rows.length);
    for (let row = 0; row < shown; row++) rows.push(encoders.map((encode, ordinal) => encode(readers[ordinal]!(row))));
    rowCount += batch.numRows;
  }
  if (fields.length > 0) yield renderTable(fields, rows, maxWidth);
  const more = rowCount - rows.length;
  if (more > 0) yield `… ${more.toLocaleString('en-US')} more row${more === 1 ? '' : 's'}\n`;
}

function renderTable(fields: readonly Field[], rows: readonly string[][], maxWidth: number | undefined): string {
  const titles = fields.map(({ name }) => toVisible(name));
  const natural = titles.map((title, ordinal) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[ordinal]!)), Math.max(1, widthOf(title))),
  );
  const { shown, widths, gapAt } = fitColumns({
    widths: natural,
    available: maxWidth === undefined ? Number.POSITIVE_INFINITY : maxWidth - 1,
    frameWidth: FRAME_WIDTH,
  });
  const columns = shown.map((ordinal, place) => ({
    name: `c${ordinal}`,
    title: truncate(titles[ordinal]!, widths[place]!),
    alignment: isNumeric(fields[ordinal]!) ? ('right' as const) : ('left' as const),
    maxLen: widths[place]!,
  }));
  const gap = { name: 'gap', title: '…', alignment: 'left' as const, maxLen: 1 };
  const table = new Table({
    columns: gapAt === undefined ? columns : columns.toSpliced(gapAt, 0, gap),
    shouldDisableColors: true,
  });
  for (const row of rows) {
    const cells = shown.map((ordinal, place) => [`c${ordinal}`, truncate(row[ordinal]!, widths[place]!)]);
    table.addRow(Object.fromEntries(gapAt === undefined ? cells : [...cells, ['gap', '…']]));
  }
  const hidden = fields.length - shown.length;
  const note = hidden === 0 ? '' : `… ${hidden} column${hidden === 1 ? '' : 's'} hidden; another format shows all\n`;
  return `${table.render()}\n${note}`;
}

function createCellEncoder(field: Field): (value: RowValue) => string {
  const encode = createTextEncoder(field);
  return (value) => {
    if (value === null) return 'NULL';
    const text = encode(value);
    return text === 'NULL' ? "'NULL'" : toVisible(text);
  };
}

function isNumeric({ type }: Field): boolean {
  return type.typeId === TypeId.Int || type.typeId === TypeId.Float || type.typeId === TypeId.Decimal;
}
