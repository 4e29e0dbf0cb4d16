import { Buffer } from 'node:buffer';
import { dataTypes, isMillraceError } from '@millrace/core';
import { type Check, defineChecks } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { IDENTIFIERS, RESERVED_WORDS } from '../data/identifiers.ts';
import { required } from '../data/small-tables.ts';
import { columnOf, condition, literalOf } from '../expressions.ts';
import type { TableSpec } from '../fixture.ts';
import { compareInOrder, compareMultisets } from '../read/compare-rows.ts';
import { expectError } from '../read/expect-error.ts';
import { scanTable } from '../read/scan-table.ts';

/** Names of tables and columns. */
export const IDENTIFIER_CHECKS: readonly Check[] = defineChecks('catalog', [
  {
    id: 'odd-table-names',
    number: 18,
    title: 'tables with 21 spellings of names are read, or refused by the source in words',
    fix: 'Quote names with the dialect’s function, which doubles the quote; never fold, trim or split them.',
    timeoutMs: 300_000,
    run: (context) => readTablesNamed(context, IDENTIFIERS),
  },
  {
    id: 'odd-column-names',
    number: 18,
    title: 'columns with 21 spellings of names are read, projected, filtered and ordered by',
    fix: 'Quote names with the dialect’s function, in filters and orders too.',
    timeoutMs: 300_000,
    run: (context) => readColumnsNamed(context, IDENTIFIERS),
  },
  {
    id: 'reserved-words',
    number: 19,
    title: 'reserved words are names like others, of tables and of columns',
    fix: 'Quote every name, not only those that look odd.',
    timeoutMs: 300_000,
    async run(context) {
      const words = [...RESERVED_WORDS, ...(context.source.reservedWords ?? [])];
      await readTablesNamed(context, words);
      await readColumnsNamed(context, words);
    },
  },
  {
    id: 'names-that-differ-by-case',
    number: 20,
    title: 'names that differ only by case lead to their own table and column, or to an error that names both',
    fix: 'Look names up as written first; report an ambiguity instead of picking one.',
    async run(context) {
      const specs = ['case_table', 'Case_Table'].map(
        (name, index): TableSpec => ({ name, fields: [required('id', dataTypes.int32())], rows: [[index + 1]] }),
      );
      for (const spec of specs) {
        const location = await createIfPossible(context, spec);
        if (location === undefined) return context.skip('the source does not tell names by case');
      }
      for (const spec of specs) {
        const fixture = await context.fixture(spec);
        try {
          const difference = compareMultisets((await scanTable(await context.open(fixture))).rows, fixture.rows);
          if (difference) context.fail({ ...difference, expected: `the rows of ${spec.name}` });
        } catch (error) {
          if (!isMillraceError(error) || !specs.every(({ name }) => error.message.includes(name))) throw error;
        }
      }
    },
  },
  {
    id: 'longest-names',
    number: 21,
    title: 'the longest legal name works, and a longer one fails instead of being cut to another’s',
    fix: 'Check the length of names in `quoteIdentifier`, in bytes, and throw `invalid_argument` or `not_found`.',
    async run(context) {
      const length = context.source.maxIdentifierBytes;
      if (length === undefined) return context.skip('the subject names no longest identifier');
      const name = `ä${'n'.repeat(length - Buffer.byteLength('ä'))}`;
      const fixture = await context.fixture({ name, fields: [required('id', dataTypes.int32())], rows: [[1], [2]] });
      const difference = compareMultisets((await scanTable(await context.open(fixture))).rows, fixture.rows);
      if (difference) context.fail(difference);
      const run = () => context.open(context.source.missingTable(`${name}x`));
      await expectError(context, { what: 'a name one byte longer', run, codes: ['not_found', 'invalid_argument'] });
    },
  },
]);

async function readTablesNamed(context: CheckContext, names: readonly string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    const spec: TableSpec = { name, fields: [required('id', dataTypes.int32())], rows: [[index], [index + 100]] };
    if ((await createIfPossible(context, spec)) === undefined) continue;
    const fixture = await context.fixture(spec);
    const table = await openNamed(context, fixture.location, name);
    const difference = compareMultisets((await scanTable(table)).rows, fixture.rows);
    if (difference) context.fail({ ...difference, expected: `table ${JSON.stringify(name)}: ${difference.expected}` });
  }
}

async function readColumnsNamed(context: CheckContext, names: readonly string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    const fields = [required('id', dataTypes.int32()), required(name, dataTypes.int32())];
    const spec: TableSpec = {
      name: `column_${index}_of_${names.length}`,
      fields,
      rows: [
        [1, 30],
        [2, 10],
        [3, 20],
      ],
    };
    if ((await createIfPossible(context, spec)) === undefined) continue;
    const fixture = await context.fixture(spec);
    const shown = `column ${JSON.stringify(name)}`;
    const table = await openNamed(context, fixture.location, name);
    const column = columnOf(fixture.field(name));
    const whole = compareMultisets((await scanTable(table)).rows, fixture.rows);
    if (whole) context.fail({ ...whole, expected: `${shown}: ${whole.expected}` });
    const projected = await scanTable(table, { projection: [1] });
    const last = compareMultisets(
      projected.rows,
      [[30], [10], [20]].map(([value]) => fixture.rows.find((row) => Number(row[1]) === value)!.slice(1)),
    );
    if (last) context.fail({ ...last, expected: `${shown} alone: ${last.expected}` });
    const filter = condition('gt', column, literalOf(fixture.field(name).type, 15));
    const filtered = await scanTable(table, { filters: [filter] });
    const wanted = fixture.rows.filter((row) => filtered.plan.applied.filters[0] === 'none' || Number(row[1]) > 15);
    if (filtered.plan.applied.filters[0] !== 'inexact') {
      const difference = compareMultisets(filtered.rows, wanted);
      if (difference) context.fail({ ...difference, expected: `${shown} filtered: ${difference.expected}` });
    }
    const order = [{ expr: column, descending: false, nullsFirst: false }];
    const ordered = await scanTable(table, { order });
    if (ordered.plan.applied.order !== 'exact' || ordered.plan.partitions.length > 1) continue;
    const sorted = [...fixture.rows].sort((left, right) => Number(left[1]) - Number(right[1]));
    const difference = compareInOrder(ordered.rows, sorted);
    if (difference) context.fail({ ...difference, expected: `ordered by ${shown}: ${difference.expected}` });
  }
}

/** Creates a table; a refusal is noted, and undefined comes back. */
async function createIfPossible(context: CheckContext, spec: TableSpec): Promise<true | undefined> {
  try {
    await context.fixture(spec);
    return true;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'SkippedCheck') throw error;
    context.note(error.message);
    return undefined;
  }
}

async function openNamed(context: CheckContext, location: Parameters<CheckContext['open']>[0], name: string) {
  try {
    return await context.open(location);
  } catch (error) {
    return context.fail({
      expected: `${JSON.stringify(name)} can be opened`,
      found: error instanceof Error ? error.message : String(error),
    });
  }
}
