import type { CheckContext, OpenConnector } from './check-context.ts';
import { collectLog } from './collect-log.ts';
import { ConformanceFailure, SkippedCheck } from './failure.ts';
import { createFixture, type Fixture } from './fixture.ts';
import { openConnector } from './open-connector.ts';
import type { CheckRun, CheckScope } from './run-check.ts';
import type { EngineSession, EngineTable } from './sql/engine-adapter.ts';
import { SQL_TABLES } from './sql/sql-tables.ts';
import type { ConnectorSubject, SourceRefusal } from './subject.ts';
import type { ConnectorSuite } from './suite.ts';

/** What the checks of one run of a connector share. */
export interface SharedContext extends CheckRun<CheckContext> {
  readonly subject: ConnectorSubject;
}

/** Used where a suite says nothing: most pools hold more, and a smaller one only makes the checks easier. */
const DEFAULT_POOL_SIZE = 4;

/** Opens the subject of a suite for one run of checks. */
export async function createSharedContext(suite: ConnectorSuite): Promise<SharedContext> {
  const subject = await suite.open();
  const log: string[] = [];
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', onUnhandled);
  const logger = collectLog(log);
  const fixtures = new Map<string, Promise<Fixture | SourceRefusal>>();
  const isFull = (suite.size ?? (process.env.MILLRACE_TEST_FULL === '1' ? 'full' : 'reduced')) === 'full';
  let shared: Promise<OpenConnector> | undefined;
  let engine: Promise<EngineSession> | undefined;

  const forCheck = (check: { readonly fix: string }): CheckScope<CheckContext> => {
    const notes: string[] = [];
    const opened: OpenConnector[] = [];
    const skip = (reason: string): never => {
      throw new SkippedCheck(reason);
    };
    const context: CheckContext = {
      suite,
      subject,
      source: subject.source,
      capabilities: suite.capabilities,
      poolSize: suite.poolSize ?? DEFAULT_POOL_SIZE,
      log,
      unhandled,
      count: (full, reduced) => (isFull ? full : reduced),
      connector() {
        shared ??= openConnector(subject, { logger });
        return shared;
      },
      async connect(overrides) {
        const connector = await openConnector(subject, { logger, ...(overrides && { overrides }) });
        opened.push(connector);
        return connector;
      },
      async fixture(spec) {
        let creating = fixtures.get(spec.name);
        if (creating === undefined) {
          creating = createFixture(subject, spec);
          fixtures.set(spec.name, creating);
        }
        const fixture = await creating;
        return 'refused' in fixture ? skip(`table ${spec.name}: ${fixture.refused}`) : fixture;
      },
      async open(fixture) {
        const { table } = await context.connector();
        return table('location' in fixture ? fixture.location : fixture);
      },
      engine() {
        engine ??= openEngine(context);
        return engine;
      },
      skip,
      fail(details) {
        throw new ConformanceFailure({ ...details, fix: check.fix });
      },
      note: (text) => void notes.push(text),
    };
    return {
      context,
      notes,
      async [Symbol.asyncDispose]() {
        await Promise.allSettled(opened.map((connector) => connector.close()));
      },
    };
  };

  return {
    subject,
    forCheck,
    async [Symbol.asyncDispose]() {
      process.off('unhandledRejection', onUnhandled);
      await engine?.then((session) => session[Symbol.asyncDispose]()).catch(() => {});
      await shared?.then((connector) => connector.close()).catch(() => {});
      await subject.close();
    },
  };
}

async function openEngine(context: CheckContext): Promise<EngineSession> {
  const { suite, subject } = context;
  if (suite.engine === undefined) return context.skip('no engine was given');
  const tables: EngineTable[] = [];
  for (const spec of SQL_TABLES) {
    const { location, batch } = await context.fixture(spec);
    const parameters = { ...subject.parameters, ...location.parameters };
    tables.push({ name: spec.name, path: location.path, parameters, batch });
  }
  const baseDirectory = subject.baseDirectory ?? process.cwd();
  return suite.engine.open({ plugin: subject.plugin, baseDirectory, tables });
}
