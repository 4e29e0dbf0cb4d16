import type { AcceleratorCheck } from './accelerator-check.ts';
import { APPEND_CHECKS } from './checks/append-checks.ts';
import { CHANGE_CHECKS } from './checks/change-checks.ts';
import { CHANGE_COMMIT_CHECKS } from './checks/change-commit-checks.ts';
import { CONFLICT_CHECKS } from './checks/conflict-checks.ts';
import { DAMAGE_CHECKS } from './checks/damage-checks.ts';
import { FILE_CHECKS } from './checks/file-checks.ts';
import { FULL_DISK_CHECKS } from './checks/full-disk-checks.ts';
import { INDEX_CHECKS } from './checks/index-checks.ts';
import { ACCELERATOR_PROCESS_CHECKS, QUERY_CHECKS, SHARED_TABLE_CHECKS } from './checks/query-checks.ts';
import { RANDOM_CHANGE_CHECKS } from './checks/random-change-checks.ts';
import { REDEFINE_CHECKS } from './checks/redefine-checks.ts';
import { REFRESH_CHECKS } from './checks/refresh-checks.ts';
import { REFUSAL_CHECKS } from './checks/refusal-checks.ts';
import { SESSION_CHECKS } from './checks/session-checks.ts';
import { TABLE_CHECKS } from './checks/table-checks.ts';

/** Every check of an accelerator, in the order in which a run makes them. */
export const ACCELERATOR_CHECKS: readonly AcceleratorCheck[] = [
  ...TABLE_CHECKS,
  ...SHARED_TABLE_CHECKS,
  ...REFRESH_CHECKS,
  ...SESSION_CHECKS,
  ...REFUSAL_CHECKS,
  ...REDEFINE_CHECKS.filter(({ chapter }) => chapter === 'refresh'),
  ...APPEND_CHECKS,
  ...CONFLICT_CHECKS,
  ...INDEX_CHECKS.filter(({ chapter }) => chapter === 'conflict'),
  ...CHANGE_CHECKS,
  ...CHANGE_COMMIT_CHECKS,
  ...RANDOM_CHANGE_CHECKS.filter(({ chapter }) => chapter === 'changes'),
  ...FILE_CHECKS,
  ...INDEX_CHECKS.filter(({ chapter }) => chapter === 'files'),
  ...RANDOM_CHANGE_CHECKS.filter(({ chapter }) => chapter === 'files'),
  ...REDEFINE_CHECKS.filter(({ chapter }) => chapter === 'files'),
  ...DAMAGE_CHECKS,
  ...FULL_DISK_CHECKS,
  ...QUERY_CHECKS,
  ...ACCELERATOR_PROCESS_CHECKS,
];
