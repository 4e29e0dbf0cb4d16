import type { DatasetFrom } from './config-model.ts';

const CONNECTOR_ID = /^[a-z][a-z0-9]*([-._][a-z0-9]+)*$/;

/**
 * Cuts `connector:path` at its first colon; a connector alone has an empty path. Undefined when what stands before
 * the colon cannot be the id of a connector: it begins with a lower-case letter and has at least two characters, so
 * that the drive letter of a path is none.
 */
export function parseDatasetFrom(text: string): DatasetFrom | undefined {
  const colon = text.indexOf(':');
  const connector = colon < 0 ? text : text.slice(0, colon);
  if (connector.length < 2 || !CONNECTOR_ID.test(connector)) return undefined;
  if (colon < 0 && connector.includes('.')) return undefined;
  return { connector, path: colon < 0 ? '' : text.slice(colon + 1), text };
}
