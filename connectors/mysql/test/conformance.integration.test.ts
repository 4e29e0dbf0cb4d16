import { readFileSync } from 'node:fs';
import { testConnector } from '@millrace/conformance';
import { runtimeEngine } from '@millrace/conformance-engine';
import { missingMariaDb, serviceTitle } from '@millrace/services';
import * as vitest from 'vitest';
import { openSubject } from './open-subject.ts';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const missing = missingMariaDb();

vitest.describe.skipIf(missing !== undefined)(serviceTitle('the conformance suite', missing), () => {
  testConnector({
    runner: vitest,
    name: 'mysql',
    capabilities: manifest.millrace.connectors[0].capabilities,
    open: openSubject,
    engine: runtimeEngine,
    poolSize: 5,
  });
});
