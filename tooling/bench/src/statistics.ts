/** Where samples lie: the median and the quartiles around it. */
export interface Distribution {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly sampleCount: number;
}

/** Describes samples, at least one. */
export function describeSamples(samples: readonly number[]): Distribution {
  const sorted = [...samples].sort((left, right) => left - right);
  return {
    median: quantile(sorted, 0.5),
    lowerQuartile: quantile(sorted, 0.25),
    upperQuartile: quantile(sorted, 0.75),
    sampleCount: sorted.length,
  };
}

/** Linear between the two nearest samples. */
function quantile(sorted: readonly number[], part: number): number {
  const position = (sorted.length - 1) * part;
  const below = Math.floor(position);
  const low = sorted[below];
  if (low === undefined) throw new TypeError('there are no samples');
  return low + ((sorted[below + 1] ?? low) - low) * (position - below);
}
