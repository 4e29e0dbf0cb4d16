import type { SecretContext } from '../secrets/resolve-secrets.ts';
import type { ShapeCheck } from './check-shape.ts';
import type { ConfigNode } from './config-node.ts';
import type { ConfigReport } from './config-problem.ts';

/** What every step of resolving a configuration works with. */
export interface ConfigContext {
  readonly root: ConfigNode;
  /** Which parts have the right shape; the others were reported, and nothing reads them. */
  readonly shape: ShapeCheck;
  readonly report: ConfigReport;
  readonly secrets: SecretContext;
  readonly baseDirectory: string;
}
