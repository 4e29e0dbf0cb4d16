import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duckdbAccelerator } from '@millrace/accelerator-duckdb';
import { testAccelerator } from '@millrace/conformance';
import { type DataType, dataTypes, type Field, TimeUnit, TypeId } from '@millrace/core';
import * as vitest from 'vitest';
import { runtimeEngine } from '../src/index.ts';
import { capabilitiesOf } from './accelerator-capabilities.ts';

/** The table of types in the accelerator's README. */
function present(field: Field): Field {
  return { ...field, type: presentType(field.type) };
}

function presentType(type: DataType): DataType {
  if (type.typeId === TypeId.LargeUtf8) return dataTypes.utf8();
  if (type.typeId === TypeId.Timestamp && type.timezone) return dataTypes.timestamp(TimeUnit.Microsecond, 'UTC');
  return type;
}

testAccelerator({
  runner: vitest,
  name: 'duckdb',
  capabilities: await capabilitiesOf('duckdb'),
  async open() {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'millrace-duckdb-'));
    return {
      plugin: duckdbAccelerator,
      dataDirectory,
      present,
      close: () => rm(dataDirectory, { recursive: true, force: true }),
    };
  },
  engine: runtimeEngine,
  waivers: {
    memory: {
      'table/catalog-names-that-differ-by-case':
        'DuckDB ignores the case of names, and two such datasets in memory share one table',
    },
  },
});
