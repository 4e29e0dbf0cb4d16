import path from 'node:path';
import { REPOSITORY } from './repository.ts';
import type { UpstreamRegistry } from './upstream-registry.ts';
import { openYarnCache } from './yarn-cache.ts';

/** Settings of npm that say how to reach the network; all others belong to whoever started the tests. */
const NETWORK = /^npm_config_(ca|cafile|cert|key|proxy|https[-_]proxy|noproxy|strict[-_]ssl|userconfig|cache)$/i;
/** What package managers, test runners and builds leave behind for their children. */
const FOREIGN =
  /^(npm_|pnpm_|yarn_|vite|turbo_|millrace_|node_options$|node_path$|node_env$|init_cwd$|ci$|test$|prod$|dev$)/i;

/** The environment of a host's commands: that of a plain shell, with the registry replaced. */
export function hostEnvironment(registryUrl: string, upstream: UpstreamRegistry): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => NETWORK.test(name) || !FOREIGN.test(name));
  return {
    ...Object.fromEntries(inherited),
    PATH: pathOutsideRepository(),
    npm_config_registry: registryUrl,
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    YARN_NPM_REGISTRY_SERVER: registryUrl,
    YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    YARN_NPM_MINIMAL_AGE_GATE: '0',
    YARN_ENABLE_TELEMETRY: '0',
    YARN_GLOBAL_FOLDER: openYarnCache(),
    ...(upstream.kind === 'reachable' && upstream.caFile !== undefined
      ? { YARN_HTTPS_CA_FILE_PATH: upstream.caFile }
      : {}),
    DO_NOT_TRACK: '1',
  };
}

function pathOutsideRepository(): string {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders.filter((folder) => !folder.startsWith(path.join(REPOSITORY, path.sep))).join(path.delimiter);
}
