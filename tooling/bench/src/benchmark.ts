import type { Bar } from './bar.ts';

/** One line of the report: what is measured, in which unit, and what has to hold. */
export interface RowSpec {
  readonly name: string;
  readonly unit: 'ms' | 'MB';
  readonly bar: Bar;
  /** Decimal digits in the table. Default 1. */
  readonly digits?: number;
}

/** What a benchmark may use. */
export interface BenchContext {
  /** Folder in which generated data are kept between runs; absolute. */
  readonly dataDirectory: string;
  /** How many rows to measure with: the stated size, unless the user asked for another. */
  readonly rowCount: number;
  /** Closes the resource when the benchmark is over, the last one first, also when it fails. Returns it. */
  own<Resource extends AsyncDisposable>(resource: Resource): Resource;
}

/** One benchmark: Millrace and its peer doing the same work. */
export interface Benchmark {
  /** What `pnpm bench <name>` takes. */
  readonly name: string;
  /** What is compared with what, in one line. */
  readonly title: string;
  /** The size that the bars are stated for; with fewer rows no bar holds. */
  readonly statedRowCount: number;
  readonly rows: readonly RowSpec[];
  prepare(context: BenchContext): Promise<PreparedBenchmark>;
}

/** A benchmark with its data in place. */
export interface PreparedBenchmark {
  /** Rows that one sample really handles. */
  readonly rowCount: number;
  readonly cases: readonly BenchCase[];
}

/** Two ways of doing one piece of work. Each call does it once and yields one sample for each row named. */
export interface BenchCase {
  /** Names of the rows that this case measures, in the order of the samples. */
  readonly rows: readonly string[];
  /** Alternating pairs, after the warm-up. Default 9; never fewer than 7. */
  readonly repeats?: number;
  /** Unmeasured pairs before. Default 1. */
  readonly warmups?: number;
  ours(): Promise<Sample>;
  peer(): Promise<Sample>;
}

/** One number for each row of the case. */
export type Sample = readonly number[];

/** Runs something once and gives the milliseconds that it took as a sample. */
export async function timed(work: () => Promise<unknown>): Promise<Sample> {
  const started = performance.now();
  await work();
  return [performance.now() - started];
}
