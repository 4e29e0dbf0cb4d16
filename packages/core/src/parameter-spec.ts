/** How a parameter's text is read. `duration` is `500ms`, `10s`, `5m`, `1h`, `1d`; `bytes` is `512`, `64KiB`, `1MB`. */
export type ParameterType = 'string' | 'integer' | 'number' | 'boolean' | 'duration' | 'bytes' | 'url' | 'json';

/**
 * One parameter as data: the same table feeds validation, typed values, `--help`, README tables and the editor's schema.
 *
 * Source: Spice's `ParameterSpec`, except that an unknown parameter is an error here and not a warning.
 */
export interface ParameterSpec {
  /** Without prefix, in `snake_case`: `host`, shown to users as `pg_host` where the kind carries the prefix `pg`. */
  readonly name: string;
  /** `connector` and `accelerator` parameters carry the plugin's prefix in configuration; `runtime` ones do not. */
  readonly kind: 'connector' | 'accelerator' | 'runtime';
  readonly type: ParameterType;
  /** One sentence for the README and `--help`. */
  readonly description: string;
  readonly required?: boolean;
  /** Text that is read as if the user had written it. */
  readonly default?: string;
  /** Never shown in errors, logs, explain or status. */
  readonly secret?: boolean;
  /** The only texts allowed. */
  readonly oneOf?: readonly string[];
  readonly examples?: readonly string[];
  /** What to use instead; using the parameter is then a warning. */
  readonly deprecated?: string;
  readonly helpLink?: string;
}

/** The value that a parameter's text was read into. Durations are milliseconds, bytes a number of bytes. */
export type ParameterValue = string | number | boolean | readonly unknown[] | { readonly [key: string]: unknown };

/**
 * Resolved parameters, by unprefixed name. `toJSON`, `String()` and `util.inspect` show the names of secrets, never the values.
 */
export interface Parameters {
  /** The value, or the default, or undefined. Asking for a name without a spec is a programming mistake (`TypeError`). */
  get(name: string): ParameterValue | undefined;
  string(name: string): string | undefined;
  /** integer, number, duration (milliseconds) and bytes. */
  number(name: string): number | undefined;
  boolean(name: string): boolean | undefined;
  /** True when the user gave the parameter, a default apart. */
  has(name: string): boolean;
  toJSON(): Readonly<Record<string, unknown>>;
}
