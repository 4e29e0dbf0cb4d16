export type { PlannedQuery, PlannedScan, Planner, TableName } from './planned-query.ts';
export { createPlanner, type PlannerOptions } from './planner.ts';
