import {
  type GivenParameter,
  type Logger,
  type ParameterSpec,
  type Parameters,
  parameterKey,
  resolveParameters,
} from '@millrace/core';
import type { SecretRedactor } from './secrets/secret-redactor.ts';

/** What {@link resolvePluginParameters} resolves. */
export interface PluginParametersRequest {
  /** What the parameters belong to, for messages. */
  readonly component: string;
  /** Id of the connector or accelerator. */
  readonly id: string;
  readonly plugin: { readonly prefix: string; readonly parameters: readonly ParameterSpec[] };
  readonly given: ReadonlyMap<string, GivenParameter>;
  readonly logger: Logger;
  /** Learns the texts of secret parameters that stand in the configuration as they are. */
  readonly redactor: SecretRedactor;
}

/** Checks and reads a plugin's parameters; see `resolveParameters` of core for what it throws. */
export function resolvePluginParameters(request: PluginParametersRequest): Parameters {
  const { component, id, plugin, given, logger, redactor } = request;
  for (const spec of plugin.parameters) {
    const text = given.get(parameterKey(spec, plugin.prefix))?.text;
    if (spec.secret === true && text !== undefined) redactor.add(text);
  }
  return resolveParameters({
    specs: plugin.parameters,
    prefix: plugin.prefix,
    given,
    component,
    connector: id,
    onDeprecated: (message) => logger.warn(message),
  });
}
