export {
  type OutputColumn,
  type PlannedSelect,
  planSimpleSelect,
  type SimpleSelectRequest,
} from './plan-simple-select.ts';
export type { PlannedQuery, PlannedScan, Planner, TableName } from './planned-query.ts';
export { createPlanner, type PlannerOptions } from './planner.ts';
