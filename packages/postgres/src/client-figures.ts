/** Figures of a client since it was made. */
export interface ClientFigures {
  connectionsOpened: number;
  connectionsLost: number;
  statements: number;
  rows: number;
  bytes: number;
  retries: number;
  /** Of the last scan; 0 before the first. */
  timeToFirstBatchMs: number;
}
