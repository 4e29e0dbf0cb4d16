/** How the figure that a bar limits comes from the two medians. */
export type FigureOf = 'ours_over_peer' | 'peer_over_ours' | 'ours_minus_peer' | 'ours';

/** What has to hold. */
export interface Bar {
  readonly figure: FigureOf;
  readonly comparison: 'at_most' | 'at_least';
  /** In the unit of the samples for `ours` and `ours_minus_peer`; a factor otherwise. */
  readonly limit: number;
}

/** The number that a bar limits. */
export function figureOf(bar: Bar, ours: number, peer: number): number {
  switch (bar.figure) {
    case 'ours_over_peer':
      return ours / peer;
    case 'peer_over_ours':
      return peer / ours;
    case 'ours_minus_peer':
      return ours - peer;
    case 'ours':
      return ours;
    default: {
      const unknown: never = bar.figure;
      throw new TypeError(`unknown figure ${String(unknown)}`);
    }
  }
}

/** Whether a figure keeps to a bar; one that is not a number does not. */
export function holds(bar: Bar, figure: number): boolean {
  return bar.comparison === 'at_most' ? figure <= bar.limit : figure >= bar.limit;
}

/** The bar as text: `<= 1.15 x`, `>= 8 x`, `<= 3 ms`, `<= 300 MB`. */
export function formatBar(bar: Bar, unit: string): string {
  const isFactor = bar.figure === 'ours_over_peer' || bar.figure === 'peer_over_ours';
  return `${bar.comparison === 'at_most' ? '<=' : '>='} ${bar.limit} ${isFactor ? 'x' : unit}`;
}
