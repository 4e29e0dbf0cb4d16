export { REDACTED, SecretRedactor } from '../secrets/secret-redactor.ts';
export { checkConfigSql } from './check-config-sql.ts';
export type {
  AccelerationInput,
  CachingInput,
  CatalogInput,
  ColumnInput,
  DatasetInput,
  ParamInput,
  ParamsInput,
  ResultsCacheInput,
  RuntimeConfigInput,
  RuntimeInput,
  ViewInput,
} from './config-input.ts';
export { type ConfigJsonSchemaRequest, configJsonSchema } from './config-json-schema.ts';
export type {
  AccelerationConfig,
  CatalogConfig,
  ColumnConfig,
  ConfigName,
  ConfigWarning,
  CopyMode,
  DatasetConfig,
  DatasetFrom,
  Located,
  OnSchemaChange,
  ReadyState,
  ResolvedConfig,
  ResultsCacheConfig,
  RetentionConfig,
  TimeFormat,
  ViewConfig,
} from './config-model.ts';
export { configProblems } from './config-problem.ts';
export type { ConfigSource } from './config-source.ts';
export { type LoadConfigOptions, loadConfig } from './load-config.ts';
export type { ConfigPlugin, JsonSchema } from './parameter-json-schema.ts';
