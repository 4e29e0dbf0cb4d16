import { Table } from 'console-table-printer';
import { formatBar } from './bar.ts';
import type { Measured } from './measure.ts';
import type { Distribution } from './statistics.ts';

/** One entry of the file that `--json` writes. */
export interface ReportEntry {
  readonly name: string;
  /** Medians, in `unit`. */
  readonly ours: number;
  readonly peer: number;
  readonly unit: string;
  /** The number that the bar limits: a factor, or for bars in a unit the difference or the value itself. */
  readonly ratio: number;
  /** For example `<= 1.15 x` or `<= 3 ms`. */
  readonly bar: string;
  /** Never true below the stated size. */
  readonly holds: boolean;
  /** Rows that one sample handled. */
  readonly rows: number;
}

/** The measurements as data. */
export function toReportEntries(measured: readonly Measured[]): readonly ReportEntry[] {
  return measured.map(({ row, ours, peer, figure, holds, rowCount }) => ({
    name: row.name,
    ours: ours.median,
    peer: peer.median,
    unit: row.unit,
    ratio: figure,
    bar: formatBar(row.bar, row.unit),
    holds,
    rows: rowCount,
  }));
}

/** The measurements as a table for people. */
export function formatReport(measured: readonly Measured[]): string {
  const table = new Table({
    shouldDisableColors: !process.stdout.isTTY,
    columns: [
      { name: 'name', alignment: 'left' },
      { name: 'ours', alignment: 'right' },
      { name: 'peer', alignment: 'right' },
      { name: 'ratio', alignment: 'right' },
      { name: 'bar', alignment: 'left' },
      { name: 'holds', alignment: 'left' },
      { name: 'rows', alignment: 'right' },
      { name: 'repeats', alignment: 'right' },
    ],
  });
  for (const one of measured) {
    const { row, figure, holds, rowCount } = one;
    const digits = row.digits ?? 1;
    table.addRow(
      {
        name: row.name,
        ours: formatDistribution(one.ours, row.unit, digits),
        peer: formatDistribution(one.peer, row.unit, digits),
        ratio: formatFigure(one, figure),
        bar: formatBar(row.bar, row.unit),
        holds: holds ? 'yes' : 'NO',
        rows: rowCount.toLocaleString('en-US'),
        repeats: one.ours.sampleCount,
      },
      { color: holds ? 'green' : 'red' },
    );
  }
  return table.render();
}

function formatDistribution(
  { median, lowerQuartile, upperQuartile }: Distribution,
  unit: string,
  digits: number,
): string {
  return `${median.toFixed(digits)} ${unit} (${lowerQuartile.toFixed(digits)}–${upperQuartile.toFixed(digits)})`;
}

function formatFigure({ row }: Measured, figure: number): string {
  switch (row.bar.figure) {
    case 'ours_minus_peer':
      return `${figure >= 0 ? '+' : ''}${figure.toFixed(row.digits ?? 1)} ${row.unit}`;
    case 'ours':
      return `${figure.toFixed(row.digits ?? 1)} ${row.unit}`;
    default:
      return `${figure.toFixed(2)} x`;
  }
}
