import { type Logger, type Parameters, resolveParameters } from '@millrace/core';
import type { OpenConnector, OpenTableOptions } from './check-context.ts';
import type { ConnectorSubject, TableLocation } from './subject.ts';

/** A context whose signal nobody aborts. */
export function idleContext(): { readonly signal: AbortSignal } {
  return { signal: new AbortController().signal };
}

/** What a connector is opened with, beside the subject's own parameters. */
export interface ConnectRequest {
  readonly logger: Logger;
  readonly signal?: AbortSignal;
  readonly overrides?: Readonly<Record<string, string>>;
}

/** Makes a connector of the subject's plugin, as a host would. */
export async function openConnector(subject: ConnectorSubject, request: ConnectRequest): Promise<OpenConnector> {
  const { plugin } = subject;
  const given = { ...subject.parameters, ...request.overrides };
  const connector = await plugin.create(resolveGiven(subject, given), {
    signal: request.signal ?? idleContext().signal,
    logger: request.logger,
    baseDirectory: subject.baseDirectory ?? process.cwd(),
  });
  return {
    connector,
    table(location: TableLocation, options: OpenTableOptions = {}) {
      const parameters = resolveGiven(subject, { ...given, ...location.parameters, ...options.parameters });
      const { unsupportedTypeAction } = options;
      return connector.readProvider(
        { name: 'checked', path: location.path, parameters, ...(unsupportedTypeAction && { unsupportedTypeAction }) },
        options.context ?? idleContext(),
      );
    },
    close: () => connector.close(),
  };
}

/** Resolves parameters by the names that users write, as a host would. */
export function resolveGiven({ plugin }: ConnectorSubject, given: Readonly<Record<string, string>>): Parameters {
  return resolveParameters({
    specs: plugin.parameters,
    prefix: plugin.prefix,
    given: new Map(Object.entries(given).map(([name, text]) => [name, { text }])),
    component: 'dataset checked',
    connector: plugin.id,
  });
}
