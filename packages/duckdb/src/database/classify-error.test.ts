import { MillraceError } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { classifyDuckDbError } from './classify-error.ts';

describe('classifyDuckDbError', () => {
  it.each([
    ['Parser Error: syntax error at or near "FORM"\n\nLINE 1: SELECT 1 FORM t\n                 ^', 'sql_syntax'],
    ['Binder Error: Referenced column "b" not found in FROM clause!', 'sql_error'],
    ['Catalog Error: Table with name t does not exist!\nDid you mean "u"?', 'unknown_table'],
    ['Catalog Error: Scalar Function with name f does not exist!', 'sql_error'],
    ["Conversion Error: Could not convert string 'abc' to INT32", 'invalid_data'],
    ['Out of Range Error: Overflow in addition of INT32 (1 + 2)!', 'invalid_data'],
    ['Constraint Error: Duplicate key "id: 42" violates primary key constraint.', 'integrity'],
    ['Out of Memory Error: could not allocate block of size 256.0 KiB', 'resource_exhausted'],
    ['INTERRUPT Error: Interrupted!', 'cancelled'],
    ['IO Error: Cannot open file "/x/y.duckdb": Permission denied', 'io'],
    ['IO Error: Could not set lock on file "/x/y.duckdb": Conflicting lock is held', 'conflict'],
    [
      'Permission Error: Cannot access file "/etc/passwd" - file system operations are disabled by configuration',
      'unauthorized',
    ],
    ['TransactionContext Error: Conflict on update!', 'conflict'],
    ['IO Error: Could not write file "/x/y.duckdb": No space left on device', 'io'],
    [
      'TransactionContext Error: Failed to commit: Could not write file "/x/y.duckdb.wal": No space left on device',
      'io',
    ],
    ['TransactionContext Error: Failed to commit: write-write conflict', 'conflict'],
    ['Not implemented Error: no', 'unsupported'],
    ['INTERNAL Error: Attempted to access index 1\nStack Trace:\n/lib/duckdb.so(+0x1)', 'internal'],
    ['something without a type', 'sql_error'],
  ] as const)('%s', (text, code) => {
    const cause = new Error(text);
    const error = classifyDuckDbError(cause, 'dataset orders');
    expect(error).toMatchObject({ code, component: 'dataset orders', cause });
    expect(error.message).not.toContain('Stack Trace');
  });

  it('says that a full disk may have room again', () => {
    const text = 'TransactionContext Error: Failed to commit: Could not write file "/x/y": No space left on device';
    expect(classifyDuckDbError(new Error(text), 'duckdb')).toMatchObject({
      retryable: true,
      hint: expect.stringContaining('room'),
    });
  });

  it('takes a file that is still attached under another name for a conflict that passes', () => {
    const text =
      'Binder Error: Unique file handle conflict: Cannot attach "b" - the database file "/x/y" is already attached by database "a"';
    expect(classifyDuckDbError(new Error(text), 'duckdb')).toMatchObject({ code: 'conflict', retryable: true });
  });

  it('leaves row values out of the message', () => {
    const texts = [
      "Conversion Error: Could not convert string 'secret' to INT32 when casting from source column s\n\nLINE 1: 'secret'",
      'Constraint Error: Duplicate key "id: secret" violates primary key constraint.',
      "Invalid Input Error: Failed to cast value: 'it''s secret'",
    ];
    for (const text of texts) {
      expect(classifyDuckDbError(new Error(text), 'duckdb').message).not.toContain('secret');
    }
  });

  it('points at the place of a syntax error', () => {
    const text = 'Parser Error: syntax error at or near "FORM"\n\nLINE 1: SELECT 1 FORM t\n                 ^';
    expect(classifyDuckDbError(new Error(text), 'sql').message).toContain(
      'LINE 1: SELECT 1 FORM t\n                 ^',
    );
  });

  it('passes errors that have a code', () => {
    const error = new MillraceError({ code: 'not_ready', component: 'x', message: 'y' });
    expect(classifyDuckDbError(error, 'z')).toBe(error);
  });
});
