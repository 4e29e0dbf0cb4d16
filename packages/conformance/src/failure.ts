/** Everything that a failed check says. */
export interface FailureDetails {
  readonly expected: string;
  readonly found: string;
  /** The first differing row, both sides. */
  readonly firstDifference?: string;
  /** What the source received, or what the plan says that it would. */
  readonly statement?: string;
  /** What to change, one sentence. */
  readonly fix: string;
}

/** A check that the connector does not pass. */
export class ConformanceFailure extends Error {
  override readonly name: string = 'ConformanceFailure';
  readonly details: FailureDetails;

  constructor(details: FailureDetails, options?: ErrorOptions) {
    super(describe(details), options);
    this.details = details;
  }
}

/** Ends a check that does not apply, with the reason. */
export class SkippedCheck extends Error {
  override readonly name: string = 'SkippedCheck';
}

function describe({ expected, found, firstDifference, statement, fix }: FailureDetails): string {
  return [
    `expected: ${expected}`,
    `found:    ${found}`,
    ...(firstDifference === undefined ? [] : [`first differing row: ${firstDifference}`]),
    ...(statement === undefined ? [] : [`statement: ${statement}`]),
    `Fix: ${fix}`,
  ].join('\n');
}
