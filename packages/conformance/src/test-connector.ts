import { CHAPTERS } from './check.ts';
import { CONNECTOR_CHECKS } from './connector-checks.ts';
import { createSharedContext } from './create-context.ts';
import { defineTests, requireKnownWaivers, type TestRunner } from './define-tests.ts';
import type { ConnectorSuite } from './suite.ts';
import { TIME_ZONES, withTimeZone } from './with-time-zone.ts';

/** A suite and the runner that runs it. */
export interface TestConnectorRequest extends ConnectorSuite {
  readonly runner: TestRunner;
}

/** Checks whose outcome could depend on the zone of the process. */
const ZONED: ReadonlySet<string> = new Set([
  'types/low-and-high-values',
  'types/date',
  'types/time',
  'types/timestamp',
  'types/timestamp-with-zone',
  'filters/dates-and-timestamps',
  'sql/time',
]);

/**
 * Defines one test for each check, grouped in chapters; those about times run again under each of {@link TIME_ZONES}. Checks that do
 * not apply are skipped with a reason, which is printed as well.
 */
export function testConnector({ runner, ...suite }: TestConnectorRequest): void {
  const { name, waivers } = suite;
  requireKnownWaivers(CONNECTOR_CHECKS, waivers);
  const open = () => createSharedContext(suite);
  defineTests({
    runner,
    name,
    title: `${name} conforms`,
    chapters: CHAPTERS,
    checks: CONNECTOR_CHECKS,
    waivers,
    open,
  });
  for (const timeZone of TIME_ZONES)
    defineTests({
      runner,
      name: `${name} with TZ=${timeZone}`,
      title: `${name} conforms with TZ=${timeZone}`,
      checks: CONNECTOR_CHECKS.filter(({ id }) => ZONED.has(id)),
      waivers,
      open,
      within: (work) => withTimeZone(timeZone, work),
    });
}
