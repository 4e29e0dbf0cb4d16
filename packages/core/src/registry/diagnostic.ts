import { MillraceError } from '../error.ts';
import type { PluginKind } from './plugin-registry.ts';

/** What discovery or loading found wrong, for programs. */
export type DiagnosticCode =
  /** Information: which package.json was read, and what was found in it. */
  | 'host_read'
  /** The host's package.json is missing or cannot be read. */
  | 'host_unreadable'
  /** Information: a package was left out by `allow` or `deny`. */
  | 'not_allowed'
  /** A declared package is not installed. */
  | 'package_not_found'
  | 'package_unreadable'
  | 'package_too_large'
  | 'manifest_invalid'
  /** The shape of the manifest is of a version that this host does not know. */
  | 'manifest_version'
  /** The manifest names an API version that this host does not implement. */
  | 'api_incompatible'
  /** A file of the manifest is not given as a path that starts with `./`. */
  | 'entry_invalid'
  /** A file of the manifest lies outside the package. */
  | 'entry_escapes'
  | 'entry_missing'
  /** Warning: the file of generated parameters is absent, so that a configuration cannot be checked without plugin code. */
  | 'parameters_missing'
  | 'parameters_invalid'
  /** Presets are nested too deeply, or in a circle. */
  | 'preset_depth'
  /** A preset names a package that it does not depend on. */
  | 'preset_undeclared'
  /** Two packages contribute the same id; it is unavailable until `prefer` decides. */
  | 'duplicate_id'
  /** Warning: an alias is an id or another plugin's alias, and is not used. */
  | 'alias_conflict'
  | 'load_timeout'
  | 'load_failed'
  /** A library that the plugin imports is not installed. */
  | 'driver_missing'
  | 'export_missing'
  | 'not_a_plugin'
  /** The loaded object is of another API version than this host. */
  | 'api_mismatch'
  | 'kind_mismatch'
  | 'id_mismatch';

/** One finding about one package. Plain data: it can be printed, sent and compared. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning' | 'info';
  /** The name under which the host declares the package. */
  readonly package: string;
  /** The package.json or the file concerned; absolute; empty where there is none. */
  readonly file: string;
  /** What is wrong, one sentence. */
  readonly message: string;
  /** What to do about it, one sentence; empty where nothing is to be done. */
  readonly fix: string;
  /** The connector or accelerator that is unavailable because of this. */
  readonly contribution?: { readonly kind: PluginKind; readonly id: string };
}

/** The `plugin_failed` error of a plugin that cannot be used, with the diagnostic that says why. */
export class PluginError extends MillraceError {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic, cause?: unknown) {
    super({
      code: 'plugin_failed',
      component: `plugin ${diagnostic.package}`,
      ...(diagnostic.contribution === undefined ? {} : { connector: diagnostic.contribution.id }),
      message: `${diagnostic.message} [${diagnostic.code}].`,
      ...(diagnostic.fix === '' ? {} : { hint: diagnostic.fix }),
      cause,
    });
    this.diagnostic = diagnostic;
  }
}
