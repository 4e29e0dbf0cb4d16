/** A command line that cannot be meant: printed without a code, exit status 2. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}
