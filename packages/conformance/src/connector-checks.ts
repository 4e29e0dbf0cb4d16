import type { Check } from './check.ts';
import { CATALOG_CHECKS } from './checks/catalog-checks.ts';
import { FAULT_CHECKS, PROCESS_CHECKS } from './checks/fault-checks.ts';
import { FILTER_CHECKS } from './checks/filter-checks.ts';
import { IDENTIFIER_CHECKS } from './checks/identifier-checks.ts';
import { IDENTITY_CHECKS } from './checks/identity-checks.ts';
import { LIFECYCLE_CHECKS } from './checks/lifecycle-checks.ts';
import { PARTITION_CHECKS } from './checks/partition-checks.ts';
import { SCAN_CHECKS } from './checks/scan-checks.ts';
import { SCHEMA_CHECKS } from './checks/schema-checks.ts';
import { STAGE_CHECKS } from './checks/stage-checks.ts';
import { STREAM_CHECKS } from './checks/stream-checks.ts';
import { TEXT_FILTER_CHECKS } from './checks/text-filter-checks.ts';
import { TYPE_CHECKS } from './checks/type-checks.ts';
import { VALUE_FILTER_CHECKS } from './checks/value-filter-checks.ts';
import { SQL_CHECKS } from './sql/sql-checks.ts';

/** Every check of a connector, in the order in which a run makes them. */
export const CONNECTOR_CHECKS: readonly Check[] = [
  ...IDENTITY_CHECKS,
  ...LIFECYCLE_CHECKS,
  ...CATALOG_CHECKS,
  ...SCHEMA_CHECKS,
  ...IDENTIFIER_CHECKS,
  ...SCAN_CHECKS,
  ...STREAM_CHECKS,
  ...PARTITION_CHECKS,
  ...TYPE_CHECKS,
  ...FILTER_CHECKS,
  ...TEXT_FILTER_CHECKS,
  ...VALUE_FILTER_CHECKS,
  ...STAGE_CHECKS,
  ...SQL_CHECKS,
  ...FAULT_CHECKS,
  ...PROCESS_CHECKS,
];
