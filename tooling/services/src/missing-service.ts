/**
 * Turns the reason for which a service cannot be started into a title for the tests that need it, which are skipped then; under `CI=true`
 * a missing service is an error instead.
 *
 * Use: `describe.skipIf(missing !== undefined)(serviceTitle('postgres connector', missing), …)`.
 */
export function serviceTitle(title: string, missing: string | undefined): string {
  if (missing === undefined) return title;
  if (process.env.CI === 'true') throw new Error(`${title}: ${missing}`);
  return `${title} (skipped: ${missing})`;
}
