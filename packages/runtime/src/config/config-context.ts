import type { SecretContext } from '../secrets/resolve-secrets.ts';
import type { ConfigNode } from './config-node.ts';
import type { ConfigReport } from './config-problem.ts';

/** What every step of resolving a configuration works with. */
export interface ConfigContext {
  readonly root: ConfigNode;
  readonly report: ConfigReport;
  readonly secrets: SecretContext;
  readonly baseDirectory: string;
}
