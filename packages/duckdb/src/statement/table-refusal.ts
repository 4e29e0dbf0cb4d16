import { asciiLowerCase } from './ascii-lower-case.ts';
import { REACHABLE } from './refusal.ts';
import { ENGINE_SCHEMAS, FILE_NAME, INFORMATION_SCHEMA } from './syntax-kinds.ts';
import { type SyntaxNode, textOf } from './syntax-tree.ts';

/** Why a table reference cannot mean a dataset, or undefined when it may. */
export function tableRefusal(
  node: SyntaxNode,
  placedSchemas: ReadonlySet<string>,
): { readonly message: string; readonly hint: string } | undefined {
  const table = textOf(node, 'table_name') ?? '';
  const schemaName = asciiLowerCase(textOf(node, 'schema_name') ?? 'main');
  if (textOf(node, 'catalog_name') !== undefined) {
    return { message: `the table ${JSON.stringify(table)} is named with a catalog`, hint: 'Leave the catalog out' };
  }
  if (node.at_clause !== undefined) {
    return { message: 'AT (VERSION or TIMESTAMP) is not supported', hint: 'Read the newest version' };
  }
  // Whoever placed the table answers for its name, whatever it looks like.
  if (placedSchemas.has(textOf(node, 'schema_name') ?? '')) return undefined;
  if (ENGINE_SCHEMAS.has(schemaName)) {
    return { message: `the schema ${schemaName} belongs to the engine`, hint: REACHABLE };
  }
  if (schemaName === 'information_schema' && !INFORMATION_SCHEMA.has(asciiLowerCase(table))) {
    return {
      message: `information_schema has no table ${JSON.stringify(table)} here`,
      hint: `It has ${[...INFORMATION_SCHEMA].join(', ')}`,
    };
  }
  return FILE_NAME.test(table)
    ? {
        message: `${JSON.stringify(table)} looks like a file, and a query cannot open files`,
        hint: 'Configure a dataset for it, for example with from: file:…, and name the dataset',
      }
    : undefined;
}
