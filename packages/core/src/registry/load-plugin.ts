import { API_VERSION, PLUGIN_BRAND, type Plugin } from '../define.ts';
import { type DiagnosticCode, PluginError } from './diagnostic.ts';
import { driverMissing, missingDriver } from './missing-driver.ts';
import type { PluginKind } from './plugin-registry.ts';

/** How long an import may take before it counts as hanging: a top-level await may never settle. */
export const IMPORT_TIMEOUT_MS = 10_000;

/** Where a plugin comes from and what its manifest promised. */
export interface PluginOrigin {
  readonly kind: PluginKind;
  readonly id: string;
  readonly package: string;
  readonly version: string;
  readonly export: string;
  /** The package's folder, or undefined in a static registry. */
  readonly directory?: string;
  /** The file that is imported, for messages; a module specifier in a static registry. */
  readonly file: string;
  /** Where missing libraries would be installed. */
  readonly hostRoot?: string;
  /** Libraries that the package may import, with their ranges. */
  readonly libraries: ReadonlyMap<string, string>;
}

/** What {@link loadPlugin} needs. */
export interface LoadPluginRequest {
  readonly origin: PluginOrigin;
  readonly importModule: () => Promise<unknown>;
  /** Default {@link IMPORT_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
}

/**
 * Imports a plugin and checks that it is what its manifest says.
 *
 * @throws PluginError with one of the codes `load_timeout`, `load_failed`, `driver_missing`, `export_missing`,
 * `not_a_plugin`, `api_mismatch`, `kind_mismatch`, `id_mismatch`.
 */
export async function loadPlugin(request: LoadPluginRequest): Promise<Plugin> {
  return checkModule(await importInTime(request), request.origin);
}

async function importInTime({
  origin,
  importModule,
  timeoutMs = IMPORT_TIMEOUT_MS,
}: LoadPluginRequest): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `the import did not finish within ${timeoutMs} ms`;
      const fix = 'Report it to the author: the module probably awaits something at its top level';
      reject(failure(origin, { code: 'load_timeout', message, fix }));
    }, timeoutMs);
  });
  try {
    return await Promise.race([importModule(), timeout]);
  } catch (error) {
    throw error instanceof PluginError ? error : importFailure(origin, error);
  } finally {
    clearTimeout(timer);
  }
}

function importFailure(origin: PluginOrigin, cause: unknown): PluginError {
  const { kind, id, directory, libraries, hostRoot } = origin;
  const driver = missingDriver({ cause, directory, libraries });
  if (driver !== undefined) return failure(origin, { ...driverMissing({ kind, id, driver, hostRoot }), cause });
  return failure(origin, {
    code: 'load_failed',
    message: `the import failed: ${cause instanceof Error ? cause.message : String(cause)}`,
    fix:
      process.versions.pnp === undefined
        ? 'Read the cause, and reinstall or upgrade the package'
        : "Read the cause; under Yarn Plug'n'Play, start the program with yarn node, so that imports are resolved",
    cause,
  });
}

function checkModule(module: unknown, origin: PluginOrigin): Plugin {
  const namespace = (module ?? {}) as Readonly<Record<string, unknown>>;
  // A CommonJS module's exports arrive under `default` where Node cannot see their names.
  const found = namespace[origin.export] ?? (namespace.default as typeof namespace | undefined)?.[origin.export];
  if (found === null || (typeof found !== 'object' && typeof found !== 'function'))
    throw failure(origin, {
      code: 'export_missing',
      message: `${origin.file} has no export ${origin.export}; it exports ${Object.keys(namespace).join(', ') || 'nothing'}`,
      fix: 'Correct "export" in the manifest of the plugin',
    });
  const plugin = found as Partial<Plugin>;
  const api = plugin[PLUGIN_BRAND];
  if (api === undefined)
    throw failure(origin, {
      code: 'not_a_plugin',
      message: `the export ${origin.export} is not a plugin`,
      fix: 'Make it with defineConnector or defineAccelerator of @millrace/core',
    });
  const mismatch = findMismatch(plugin, api, origin);
  if (mismatch !== undefined)
    throw failure(origin, { ...mismatch, fix: 'Correct the manifest of the plugin, or build the plugin again' });
  return plugin as Plugin;
}

function findMismatch(
  plugin: Partial<Plugin>,
  api: number,
  { kind, id }: PluginOrigin,
): { readonly code: DiagnosticCode; readonly message: string } | undefined {
  if (api !== API_VERSION)
    return { code: 'api_mismatch', message: `the module implements API version ${api}, and this host ${API_VERSION}` };
  if (plugin.kind !== kind)
    return { code: 'kind_mismatch', message: `the module is of kind ${plugin.kind}, and the manifest says ${kind}` };
  if (plugin.id !== id)
    return { code: 'id_mismatch', message: `the module calls itself ${plugin.id}, and the manifest says ${id}` };
  return undefined;
}

function failure(
  origin: PluginOrigin,
  details: { readonly code: DiagnosticCode; readonly message: string; readonly fix: string; readonly cause?: unknown },
): PluginError {
  const { code, message, fix, cause } = details;
  return new PluginError(
    {
      code,
      severity: 'error',
      package: origin.package,
      file: origin.file,
      message,
      fix,
      contribution: { kind: origin.kind, id: origin.id },
    },
    cause,
  );
}
