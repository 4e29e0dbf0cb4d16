import { describe, expect, it } from 'vitest';
import { requireSqlOptions } from './sql-options.ts';

describe('options of a statement', () => {
  it('are taken as they are', () => {
    const options = { parameters: [1], pushdown: 'off' };
    expect(requireSqlOptions(options)).toEqual(options);
    expect(requireSqlOptions(undefined)).toEqual({});
  });

  it.each([[[1, 2]], ['x'], [null]])('are no values: %j', (given) => {
    expect(() => requireSqlOptions(given)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', hint: 'Give values as { parameters: [1] }' }),
    );
  });

  it('are known ones', () => {
    expect(() => requireSqlOptions({ parameter: [1] })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', hint: 'Did you mean `parameters`?' }),
    );
    expect(() => requireSqlOptions({ xyz: 1 })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('batchRowCount') }),
    );
  });
});
