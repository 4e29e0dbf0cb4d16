import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordSpans } from './recorded-spans.ts';
import { createWatchedRuntime, PASSWORD, type WatchedRuntime } from './watched-runtime.ts';

const recorded = recordSpans();

describe('the spans of a runtime', () => {
  let watched: WatchedRuntime;
  beforeEach(() => {
    recorded.clear();
    watched = createWatchedRuntime();
    watched.source.batches = [[[1, 10n]], [[2, 20n]]];
  });
  afterEach(() => watched[Symbol.asyncDispose]());

  it('nest plan, stage, scans and execution under the query, and that under what the host is doing', async () => {
    const runtime = await watched.start({ a: undefined, b: undefined });
    const active: (string | undefined)[] = [];
    watched.source.onBatch = () => void active.push(trace.getSpan(context.active())?.spanContext().spanId);
    await recorded.underHostSpan('request', async () => {
      await (await runtime.sql('SELECT a.id FROM a JOIN b USING (id)')).toRows();
    });
    const query = recorded.named('SELECT a b');
    expect(recorded.ancestorsOf(query)).toEqual(['request']);
    expect(query.kind).toBe(SpanKind.INTERNAL);
    expect(query.attributes).toEqual({
      'db.system.name': 'millrace',
      'db.operation.name': 'SELECT',
      'db.query.summary': 'SELECT a b',
      'db.response.returned_rows': 2,
      'millrace.results_cache': 'disabled',
    });
    for (const name of ['millrace.plan', 'millrace.stage', 'millrace.execute'])
      expect(recorded.ancestorsOf(recorded.named(name))).toEqual(['SELECT a b', 'request']);
    for (const table of ['a', 'b']) {
      const scan = recorded.named(`scan ${table}`);
      expect(recorded.ancestorsOf(scan)).toEqual(['millrace.stage', 'SELECT a b', 'request']);
      expect(scan.kind).toBe(SpanKind.CLIENT);
      expect(scan.attributes).toMatchObject({
        'db.system.name': 'stepped',
        'db.operation.name': 'scan',
        'db.collection.name': table,
        'db.response.returned_rows': 2,
      });
      expect(scan.attributes).not.toHaveProperty('db.query.text');
      expect(scan.status.code).toBe(SpanStatusCode.UNSET);
    }
    // What the connector does, and what instruments its client, nests under its scan.
    const scans = ['a', 'b'].map((table) => recorded.named(`scan ${table}`).spanContext().spanId);
    expect(new Set(active)).toEqual(new Set(scans));
  });

  it('say what statements ask for where the host wants that', async () => {
    const runtime = await watched.start({ a: undefined }, { traceQueryText: 'on' });
    const sql = `SELECT id FROM a WHERE '${PASSWORD}' <> ''`;
    await (await runtime.sql(sql)).toRows();
    expect(recorded.named('SELECT a').attributes['db.query.text']).toBe(sql.replace(PASSWORD, '***'));
    expect(recorded.named('scan a').attributes['db.query.text']).toBe('read the steps');
  });

  it('tell failures by their codes, without secrets', async () => {
    const runtime = await watched.start({ a: undefined });
    watched.source.failure = 'lasting';
    await expect(runtime.sql('SELECT * FROM a')).rejects.toMatchObject({ code: 'unauthorized' });
    for (const name of ['scan a', 'millrace.stage', 'SELECT a']) {
      const { attributes, status } = recorded.named(name);
      expect(attributes['error.type']).toBe('unauthorized');
      expect(status).toMatchObject({ code: SpanStatusCode.ERROR, message: expect.stringContaining('***') });
      expect(status.message).not.toContain(PASSWORD);
    }
    expect(recorded.spans.map(({ name }) => name)).not.toContain('millrace.execute');
    recorded.clear();
    await expect(runtime.sql('SELECT * FROM nowhere')).rejects.toMatchObject({ code: 'unknown_table' });
    expect(recorded.spans).toMatchObject([{ name: 'SELECT', attributes: { 'error.type': 'unknown_table' } }]);
  });

  it('end with the query, however it ends', async () => {
    const runtime = await watched.start({ a: undefined });
    const sql = 'SELECT a.id FROM range(100000) AS r(n), a';
    const left = await runtime.sql(sql);
    expect(recorded.spans.map(({ name }) => name)).not.toContain('SELECT a');
    await left.close();
    expect(recorded.named('SELECT a').status.code).toBe(SpanStatusCode.UNSET);
    expect(recorded.named('millrace.execute').ended).toBe(true);
    recorded.clear();
    await runtime.sql(sql);
    await runtime.close();
    expect(recorded.named('SELECT a').attributes['error.type']).toBe('cancelled');
    expect(recorded.named('millrace.execute').attributes['error.type']).toBe('cancelled');
  });

  it('are there for refreshes, with the scans of their sources, under nothing but what asked for them', async () => {
    const { source, clock } = watched;
    const runtime = await recorded.underHostSpan('boot', async () =>
      watched.start({ a: { engine: 'arrow', refresh_mode: 'append', refresh_check_interval: '10m' } }),
    );
    await watched.ended(1);
    const first = recorded.named('refresh a');
    expect(recorded.ancestorsOf(first)).toEqual([]);
    expect(first.attributes).toMatchObject({
      'db.collection.name': 'a',
      'millrace.trigger': 'start',
      'millrace.row_count': 2,
      'millrace.refresh_mode': 'full',
      'millrace.refresh_path': 'batches',
    });
    expect(recorded.ancestorsOf(recorded.named('scan a'))).toEqual(['refresh a']);
    recorded.clear();
    await recorded.underHostSpan('request', () => runtime.refresh('a'));
    expect(recorded.ancestorsOf(recorded.named('refresh a'))).toEqual(['request']);
    expect(recorded.ancestorsOf(recorded.named('scan a'))).toEqual(['refresh a', 'request']);
    recorded.clear();
    source.failure = 'passing';
    clock.advance(clock.nextMs!);
    await watched.ended(3);
    const failed = recorded.named('refresh a');
    expect(recorded.ancestorsOf(failed)).toEqual([]);
    expect(failed.attributes).toMatchObject({ 'millrace.trigger': 'schedule', 'error.type': 'unavailable' });
    expect(failed.status.message).not.toContain(PASSWORD);
  });
});
