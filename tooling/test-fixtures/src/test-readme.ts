import { readFileSync } from 'node:fs';
import { type ParameterSpec, parameterKey } from '@millrace/core';
import type * as vitest from 'vitest';

/** An accelerator whose README is compared with its code. */
export interface DocumentedPlugin {
  /** The runner of the tests; processes that tests spawn import these fixtures, too, and have none. */
  readonly runner: Pick<typeof vitest, 'expect' | 'test'>;
  /** Of the README. */
  readonly url: URL;
  readonly plugin: { readonly parameters: readonly ParameterSpec[]; readonly prefix: string };
  /** How types are kept, where the README says it in a table. */
  readonly storage?: readonly { readonly types: string; readonly storage: string; readonly pushed: string }[];
}

/** Tests that the tables of a README say what the code does. */
export function testReadme({ runner, url, plugin, storage }: DocumentedPlugin): void {
  const { expect, test } = runner;
  const expectTable = (...rows: readonly string[]): void => {
    // Formatting may pad the cells.
    const unpadded = (text: string): string => text.replace(/-{3,}/g, '---').replace(/ +/g, ' ');
    expect(unpadded(readFileSync(url, 'utf8'))).toContain(unpadded(rows.join('\n')));
  };

  test('the README lists the parameters as they are specified', () => {
    const rows = plugin.parameters.map((spec) => {
      const allowed = spec.oneOf === undefined ? '' : ` One of ${spec.oneOf.map((text) => `\`${text}\``).join(', ')}.`;
      const standard = spec.default === undefined ? '' : `\`${spec.default}\``;
      return `| \`${parameterKey(spec, plugin.prefix)}\` | ${spec.type} | ${standard} | ${spec.description}${allowed} |`;
    });
    expectTable('| Parameter | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows);
  });

  if (storage === undefined) return;
  test('the README lists the types as they are kept', () => {
    const rows = storage.map(({ types, storage: kept, pushed }) => `| ${types} | ${kept} | ${pushed} |`);
    expectTable('| Type | Storage | Filters pushed |', '| --- | --- | --- |', ...rows);
  });
}
