import type { Connection } from 'mysql2';
import type { DefinitionLayout } from './column-definition.ts';

/** The layout that mysql2 negotiated: it asks MariaDB for a longer description of columns where the server has one. */
export function definitionLayoutOf(connection: Connection): DefinitionLayout {
  const { _mariadbExtendedMetadata: isExtended } = connection as unknown as {
    readonly _mariadbExtendedMetadata?: unknown;
  };
  return isExtended === true ? 'extended' : 'plain';
}
