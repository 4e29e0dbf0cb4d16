import type { AccelerationConfig, DatasetConfig } from './config-model.ts';
import { isSameDefinition } from './same-definition.ts';

/** Of a dataset, what says how it is shown, served and ordered behind others; everything else decides rows, columns or where they are. */
const FIELDS_BESIDE_THE_ROWS: readonly (keyof DatasetConfig)[] = [
  'description',
  'readyState',
  'onSchemaChange',
  'dependsOn',
];

/** Of an acceleration, what says when rows are loaded. */
const FIELDS_OF_THE_WORKER: readonly (keyof AccelerationConfig)[] = [
  'refreshCheckIntervalMs',
  'refreshCron',
  'refreshJitterMs',
  'refreshOnStartup',
  'refreshMaxRetries',
];

/**
 * Whether a running dataset can go by another definition with the copy and the source that it has, because the two differ in nothing that decides
 * what the rows are: description, ready_state, on_schema_change, depends_on, interval, cron, jitter, retries and refresh_on_startup; the periods and conditions of
 * retention, which are about rows that are there; the overlap of appends, which is about those to come. A field that is not known here counts as one that
 * decides.
 */
export function isSameCopy(left: DatasetConfig, right: DatasetConfig): boolean {
  return isSameDefinition(rowsOf(left, right), rowsOf(right, left));
}

/** What decides the rows of a definition; the other one tells which fields may differ. */
function rowsOf(config: DatasetConfig, other: DatasetConfig): DatasetConfig {
  const { acceleration } = config;
  return {
    ...without(config, FIELDS_BESIDE_THE_ROWS),
    ...(acceleration ? { acceleration: loadOf(acceleration, other.acceleration) } : {}),
  };
}

function loadOf(acceleration: AccelerationConfig, other: AccelerationConfig | undefined): AccelerationConfig {
  const load = without(acceleration, FIELDS_OF_THE_WORKER);
  const { retention, refreshAppendOverlapMs: overlapMs, ...rest } = load;
  // Rows that the engine reads for retention have the engine's types, which are not always those of the source.
  const isRead = isQueried(acceleration) || (retention === undefined) === (other?.retention === undefined);
  return {
    ...rest,
    ...(isRead || retention === undefined ? {} : { retention }),
    // Without an explicit mode the connector may ask for full refreshes, where an overlap is a mistake.
    ...(acceleration.refreshMode === 'append' || overlapMs === undefined ? {} : { refreshAppendOverlapMs: overlapMs }),
  };
}

function isQueried({ refreshSql, refreshDataWindowMs, refreshMode, onZeroResults }: AccelerationConfig): boolean {
  const isChosen = refreshSql !== undefined || refreshDataWindowMs !== undefined;
  return isChosen || refreshMode === 'append' || onZeroResults === 'use_source';
}

function without<Fields extends object>(fields: Fields, names: readonly (keyof Fields)[]): Fields {
  const kept = Object.entries(fields).filter(([name]) => !names.includes(name as keyof Fields));
  return Object.fromEntries(kept) as Fields;
}
