import type { RefreshReport } from './refresh-run.ts';

/** Why a refresh runs: the first load or a restart, the schedule, a retry after a failure, or somebody who asked for it. */
export type RefreshTrigger = 'start' | 'schedule' | 'retry' | 'request';

/** What happens to the accelerated rows of a dataset, as it happens. Messages hold no secrets. */
export type RefreshEvent =
  | { readonly kind: 'refresh_started'; readonly dataset: string; readonly trigger: RefreshTrigger }
  | { readonly kind: 'refresh_progress'; readonly dataset: string; readonly rowCount: bigint }
  | ({ readonly kind: 'refresh_finished'; readonly trigger: RefreshTrigger } & RefreshReport)
  | {
      readonly kind: 'refresh_failed';
      readonly dataset: string;
      readonly trigger: RefreshTrigger;
      readonly durationMs: number;
      readonly code: string;
      readonly message: string;
      /** Milliseconds until it is tried again; absent when nothing is planned. */
      readonly retryInMs?: number;
    };

/** Takes events; what it throws is logged and otherwise without consequence. */
export type RefreshListener = (event: RefreshEvent) => void;
