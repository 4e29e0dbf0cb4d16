import { inspect } from 'node:util';
import { isMillraceError, parameterKey } from '@millrace/core';
import { type Check, defineChecks } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { BIG } from '../data/large-tables.ts';
import { NATION, REGION } from '../data/small-tables.ts';
import { openConnector } from '../open-connector.ts';
import { compareMultisets } from '../read/compare-rows.ts';
import { expectError } from '../read/expect-error.ts';
import { planTable, scanTable } from '../read/scan-table.ts';
import { becomesTrue, PATIENCE_MS, settleWithin } from '../read/wait.ts';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** How connectors are opened and closed, and what they say when the source is not there. */
export const LIFECYCLE_CHECKS: readonly Check[] = defineChecks('identity', [
  {
    id: 'secrets-stay-secret',
    number: 5,
    title: 'a secret never appears in errors, explanations, logs, plans or the connector itself',
    fix: 'Keep secrets out of messages and of enumerable properties; pass on a driver’s message only where it cannot hold them.',
    async run(context) {
      const { subject, source, log, skip, fail } = context;
      const secrets = secretTexts(context);
      if (secrets.length === 0) skip('the connector is opened without a secret');
      const open = await context.connect();
      const fixture = await context.fixture(NATION);
      const table = await open.table(fixture.location);
      const plan = await planTable(table);
      const said: [where: string, text: string][] = [
        ['explain()', JSON.stringify(plan.explain())],
        ['the plan', JSON.stringify([plan, plan.partitions, await plan.statistics?.()], bigintAsText)],
        ['the table', inspect(table, { depth: 4, showHidden: false })],
        ['the connector', inspect(open.connector, { depth: 4, showHidden: false })],
        ['JSON of the connector', JSON.stringify(open.connector, bigintAsText) ?? ''],
        ['the source’s identity', table.source ?? ''],
      ];
      const errors: (readonly [string, () => Promise<unknown>])[] = [
        ['the error of a missing table', () => open.table(source.missingTable('no_such_table'))],
      ];
      const { wrongPassword, unreachable } = subject.faults ?? {};
      for (const [what, overrides] of [
        ['a wrong password', wrongPassword],
        ['no server', unreachable],
      ] as const)
        if (overrides !== undefined)
          errors.push([`the error of ${what}`, async () => (await context.connect(overrides)).table(fixture.location)]);
      for (const [where, run] of errors)
        await run().then(
          () => undefined,
          (error: unknown) => said.push([where, `${inspect(error, { depth: 8 })} ${String(error)}`]),
        );
      for (const line of log) said.push(['the log', line]);
      const wrongSecret = Object.values({ ...wrongPassword });
      for (const secret of [...secrets, ...wrongSecret])
        for (const [where, text] of said)
          if (text.includes(secret)) fail({ expected: 'no secret anywhere', found: `one in ${where}` });
    },
  },
  {
    id: 'wrong-password',
    number: 6,
    title: 'a wrong password is `unauthenticated`',
    fix: 'Map the source’s SQLSTATE or error number for a refused login to `unauthenticated` in classify-error.ts.',
    async run(context) {
      const overrides = context.subject.faults?.wrongPassword;
      if (overrides === undefined) return context.skip('the source has no password, or the subject names no wrong one');
      const { location } = await context.fixture(REGION);
      const run = async () => (await context.connect(overrides)).table(location);
      await expectError(context, { what: 'connecting with a wrong password', run, codes: ['unauthenticated'] });
    },
  },
  {
    id: 'missing-privilege',
    number: 6,
    title: 'a missing privilege is `unauthorized`',
    fix: 'Map the source’s SQLSTATE or error number for a missing privilege to `unauthorized` in classify-error.ts.',
    async run(context) {
      const forbidden = context.subject.faults?.forbiddenTable;
      if (forbidden === undefined) return context.skip('the subject names no forbidden table');
      const run = async () => scanTable(await context.open(forbidden));
      await expectError(context, { what: 'reading a forbidden table', run, codes: ['unauthorized'] });
    },
  },
  {
    id: 'unreachable',
    number: 6,
    title: 'a source that cannot be reached is `unavailable` or `io`, and retryable',
    fix: 'Classify refused and timed-out connections as retryable `unavailable`, and bound the time of connecting.',
    async run(context) {
      const overrides = context.subject.faults?.unreachable;
      if (overrides === undefined) return context.skip('the subject names no place where nobody listens');
      const { location } = await context.fixture(REGION);
      const run = async () => (await context.connect(overrides)).table(location);
      const codes = ['unavailable', 'io'] as const;
      await expectError(context, {
        what: 'connecting where nobody listens',
        run,
        codes,
        retryable: true,
        patienceMs: 180_000,
      });
    },
  },
  {
    id: 'close-releases',
    number: 7,
    title: 'closing releases every connection and lets the process end',
    fix: 'End the pool, the workers and the timers in `close`, and await their end.',
    async run(context) {
      const { location } = await context.fixture(NATION);
      const before = resources();
      const connectionsBefore = await context.source.connectionCount?.();
      const open = await openConnector(context.subject, { logger: SILENT });
      await scanTable(await open.table(location));
      await open.close();
      const isReleased = async () =>
        !grew(before, resources()) &&
        (connectionsBefore === undefined || (await context.source.connectionCount!()) <= connectionsBefore);
      if (await becomesTrue(PATIENCE_MS, isReleased)) return;
      const left = `${await context.source.connectionCount?.()} connections at the source; ${resources().join(', ')}`;
      context.fail({ expected: `what was there before: ${before.join(', ') || 'nothing'}`, found: left });
    },
  },
  {
    id: 'close-twice',
    number: 8,
    title: 'closing twice is harmless, and using the connector afterwards is `invalid_state`',
    fix: 'Make `close` idempotent and refuse every method after it with `invalid_state`.',
    async run(context) {
      const { location } = await context.fixture(NATION);
      const open = await openConnector(context.subject, { logger: SILENT });
      const table = await open.table(location);
      await open.close();
      await open.close();
      await open.connector[Symbol.asyncDispose]();
      await expectError(context, {
        what: 'opening a table after close',
        run: () => open.table(location),
        codes: ['invalid_state'],
      });
      const late = await settleWithin(PATIENCE_MS, scanTable(table));
      if (late === undefined) return context.fail({ expected: 'a scan after close ends', found: 'nothing' });
      if (late.status === 'rejected' && !isMillraceError(late.reason))
        context.fail({ expected: 'a typed error of a scan after close', found: String(late.reason) });
    },
  },
  {
    id: 'close-during-scan',
    number: 9,
    title: 'closing while a scan is open makes it fail cleanly or finish',
    fix: 'End open scans with `invalid_state` or `cancelled` when the connector closes, or let them finish first.',
    async run(context) {
      const fixture = await context.fixture(BIG);
      const open = await openConnector(context.subject, { logger: SILENT });
      const plan = await planTable(await open.table(fixture.location));
      let rowCount = 0;
      let hasStarted: () => void = () => {};
      const started = new Promise<void>((resolve) => {
        hasStarted = resolve;
      });
      const reading = (async () => {
        for (const partition of plan.partitions)
          for await (const batch of plan.execute(partition, { signal: new AbortController().signal })) {
            rowCount += batch.numRows;
            hasStarted();
          }
      })();
      await Promise.race([started, reading]);
      const closing = await settleWithin(PATIENCE_MS, open.close());
      const ended = await settleWithin(PATIENCE_MS, reading);
      if (closing === undefined || ended === undefined)
        return context.fail({
          expected: 'both the scan and close end',
          found: `${ended === undefined ? 'the scan' : 'close'} hangs`,
        });
      if (ended.status === 'rejected' && !isMillraceError(ended.reason))
        context.fail({ expected: 'a typed error', found: String(ended.reason) });
      if (ended.status === 'fulfilled' && rowCount !== fixture.rows.length)
        context.fail({
          expected: `all ${fixture.rows.length} rows or an error`,
          found: `${rowCount} rows and a normal end`,
        });
    },
  },
  {
    id: 'instances-are-independent',
    number: 10,
    title: 'two connectors in one process share no state that closing one would end',
    fix: 'Keep pools, engines and caches in the connector, not in the module.',
    async run(context) {
      const fixture = await context.fixture(NATION);
      const [one, other] = [await context.connect(), await context.connect()];
      await Promise.all([one.table(fixture.location), other.table(fixture.location)]);
      await one.close();
      const { rows } = await scanTable(await other.table(fixture.location));
      const difference = compareMultisets(rows, fixture.rows);
      if (difference) context.fail(difference);
    },
  },
  {
    id: 'create-is-cheap',
    number: 11,
    title: '`create` does no unbounded work and honours its signal',
    fix: 'Connect on the first use, or pass `context.signal` on; reject with `cancelled` when it is aborted.',
    async run(context) {
      const abort = new AbortController();
      abort.abort();
      const statements = (await context.source.statements?.())?.length;
      const creating = openConnector(context.subject, { logger: SILENT, signal: abort.signal });
      const result = await settleWithin(PATIENCE_MS, creating);
      if (result === undefined)
        return context.fail({ expected: 'create ends although its signal was aborted', found: 'nothing' });
      if (result.status === 'fulfilled') await result.value.close();
      else if (!isMillraceError(result.reason) || result.reason.code !== 'cancelled')
        context.fail({ expected: 'a connector, or the code cancelled', found: String(result.reason) });
      const received = (await context.source.statements?.())?.slice(statements);
      if (received !== undefined && received.length > 0)
        context.fail({
          expected: 'no statement from an aborted create',
          found: `${received.length}`,
          statement: received[0]!,
        });
    },
  },
]);

function secretTexts({ subject: { plugin, parameters } }: CheckContext): string[] {
  return plugin.parameters.flatMap((spec) => {
    const text = parameters[parameterKey(spec, plugin.prefix)];
    return spec.secret === true && text !== undefined && text.length >= 4 ? [text] : [];
  });
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

/** What keeps the process alive, apart from what the runner itself waits for. */
function resources(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Worker|MessagePort|FSReq|Pipe|Process/.test(kind));
}

function grew(before: readonly string[], after: readonly string[]): boolean {
  const count = (list: readonly string[], kind: string) => list.filter((each) => each === kind).length;
  return after.some((kind) => count(after, kind) > count(before, kind));
}
