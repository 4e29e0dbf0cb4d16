import { isMillraceError } from '@millrace/core';
import { HOSTILE_STATEMENTS } from '@millrace/test-fixtures';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStatementInspector, type StatementInspector } from '../src/statement/statement-inspector.ts';

let inspector: StatementInspector;
beforeAll(async () => {
  inspector = await createStatementInspector();
});
afterAll(() => inspector.close());

/** The code that a runtime with the one dataset `orders` answers with. */
async function codeOf(sql: string): Promise<string> {
  try {
    const { tables } = await inspector.inspect(sql);
    const isKnown = tables.every((name) => name.schemaName === undefined && name.table.toLowerCase() === 'orders');
    return isKnown ? 'accepted' : 'unknown_table';
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return error.code;
  }
}

describe('hostile statements', () => {
  test('there are many', () => {
    expect(HOSTILE_STATEMENTS.length).toBeGreaterThan(200);
    expect(new Set(HOSTILE_STATEMENTS.map(({ sql }) => sql)).size).toBe(HOSTILE_STATEMENTS.length);
  });

  test.each(HOSTILE_STATEMENTS)('$code: $sql', async ({ sql, code }) => {
    expect(await codeOf(sql)).toBe(code);
  });
});
