/** Columns narrower than this say nothing. */
const MIN_WIDTH = 6;

/** What a table shows of its columns. */
export interface FittedColumns {
  /** Ordinals of the columns that are shown, in order. */
  readonly shown: readonly number[];
  /** The width of each of them, in terminal cells. */
  readonly widths: readonly number[];
  /** Before which of the shown columns the hidden ones stand; undefined when none is hidden. */
  readonly gapAt: number | undefined;
}

/**
 * Fits columns into a width: the widest are cut first, and where even narrow columns do not fit, those in the middle are
 * left out, so that the first and the last stay.
 *
 * `frameWidth` is what a column takes beside its text.
 */
export function fitColumns(request: {
  readonly widths: readonly number[];
  readonly available: number;
  readonly frameWidth: number;
}): FittedColumns {
  const { widths, available, frameWidth } = request;
  const all = widths.map((_, ordinal) => ordinal);
  const minimal = (ordinals: readonly number[]) =>
    ordinals.reduce((sum, ordinal) => sum + Math.min(widths[ordinal]!, MIN_WIDTH) + frameWidth, 0);
  if (minimal(all) <= available) {
    return { shown: all, widths: shrink(widths, available - widths.length * frameWidth), gapAt: undefined };
  }
  // The gap is a column of its own, one cell wide.
  const room = available - frameWidth - 1;
  let count = widths.length - 1;
  while (count > 1 && minimal(around(all, count)) > room) count -= 1;
  const shown = around(all, count);
  const fitted = shrink(
    shown.map((ordinal) => widths[ordinal]!),
    room - shown.length * frameWidth,
  );
  return { shown, widths: fitted, gapAt: Math.ceil(count / 2) };
}

/** The first and the last ones, `count` in all. */
function around(ordinals: readonly number[], count: number): readonly number[] {
  const head = Math.ceil(count / 2);
  return [...ordinals.slice(0, head), ...ordinals.slice(ordinals.length - (count - head))];
}

/** Lowers the highest widths to one common bound until the sum fits. */
function shrink(widths: readonly number[], room: number): readonly number[] {
  let bound = Math.max(0, ...widths);
  const sum = () => widths.reduce((total, width) => total + Math.min(width, bound), 0);
  while (bound > 1 && sum() > room) bound -= 1;
  return widths.map((width) => Math.min(width, bound));
}
