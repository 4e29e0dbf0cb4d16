import type { DatabaseMemory } from '@millrace/duckdb';
import type { Observer } from '../observability/observer.ts';

/** Limits of an engine's instance, and who is told of what it does. */
export interface EngineSettings {
  /** For example `4GB`; queries beyond it spill, then fail with `resource_exhausted`. One of this and `memory`. */
  readonly memoryLimit?: string;
  /** Takes that limit from a budget. */
  readonly memory?: DatabaseMemory;
  /** Of each instance that parses and plans, which holds no rows; default 80 % of the machine's memory. */
  readonly planningMemoryLimit?: string;
  /** Folder for spilled data; absolute. */
  readonly tempDirectory: string;
  readonly threads?: number;
  /** Takes secrets out of what connectors say of their plans; default the text itself. */
  readonly redact?: (text: string) => string;
  /** Watches scans; default one that nobody asks. */
  readonly observer?: Observer;
}
