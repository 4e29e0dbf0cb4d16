import { testConnector } from '@millrace/conformance';
import { runtimeEngine } from '@millrace/conformance-engine';
import { missingMariaDb, serviceTitle } from '@millrace/services';
import * as vitest from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { openConformanceSource } from './conformance-source.ts';

const missing = missingMariaDb();
vitest.describe.skipIf(missing !== undefined)(serviceTitle('conformance', missing), () => {
  testConnector({
    runner: vitest,
    name: 'mysql',
    capabilities: manifest.millrace.connectors[0]!.capabilities,
    poolSize: 5,
    open: openConformanceSource,
    engine: runtimeEngine,
  });
});
