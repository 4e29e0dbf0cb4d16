import { batchFromRows, fieldsEqual } from '@millrace/arrow';
import { type Check, defineChecks } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { LATE_VALUES, LOOKALIKES } from '../data/small-tables.ts';
import { TYPE_CASES, type TypeCase, typeTable } from '../data/type-cases.ts';
import { columnOf, condition, literalOf } from '../expressions.ts';
import { isComparable } from '../model/compare-values.ts';
import { auditFilters } from '../read/audit-filters.ts';
import { compareInOrder, compareMultisets } from '../read/compare-rows.ts';
import { expectError } from '../read/expect-error.ts';
import { rowsOf, scanTable } from '../read/scan-table.ts';
import type { NativeCase } from '../subject.ts';
import { expectRows, statementOf } from './scan-checks.ts';
import { describeSchema } from './schema-checks.ts';

const FIX_VALUES =
  'Decode the wire’s bytes into the column’s buffers, never through a JavaScript number or Date; see the documented mapping of the type.';

/** Every type that the source has, value by value. */
export const TYPE_CHECKS: readonly Check[] = defineChecks('types', [
  {
    id: 'low-and-high-values',
    number: 47,
    title: 'for each type a low, a high and a missing value are read and compared right',
    fix: `${FIX_VALUES} Claim a filter only where the source compares as the vocabulary does.`,
    timeoutMs: 300_000,
    async run(context) {
      const held: string[] = [];
      for (const typeCase of TYPE_CASES) {
        if (!isHeld(context, typeCase)) continue;
        held.push(typeCase.name);
        await compareLowAndHigh(context, typeCase);
      }
      context.note(`types: ${held.join(', ')}`);
    },
  },
  ...valueChecks(48, 'integers', '64-bit integers at and beyond 2^53 are exact'),
  ...valueChecks(49, 'unsigned-integers', 'unsigned integers keep their highest values'),
  ...valueChecks(50, 'floats', 'floats keep every bit: signed zeros, infinities, NaN, subnormals, 17 digits'),
  ...valueChecks(51, 'decimals', 'decimals keep all digits of up to 38'),
  ...valueChecks(52, 'text', 'text keeps empty strings, long ones, every code point and combining marks'),
  ...valueChecks(53, 'char', 'char(n) is padded or trimmed as documented'),
  ...valueChecks(54, 'binary', 'binary values keep every byte, and may be empty'),
  ...valueChecks(55, 'boolean', 'booleans are booleans, and what only looks like one is not made one'),
  ...valueChecks(56, 'date', 'dates are the same day, from year 1 to 9999, whatever the process’s zone'),
  ...valueChecks(57, 'time', 'times keep their microseconds'),
  ...valueChecks(58, 'timestamp', 'timestamps without a zone are the same wall clock, whatever the process’s zone'),
  ...valueChecks(59, 'timestamp-with-zone', 'timestamps with a zone are the same instant, to the microsecond'),
  ...valueChecks(60, 'other-types', 'nested and other types are mapped as documented'),
  {
    id: 'values-against-the-declared-type',
    number: 63,
    title: 'a value that contradicts the declared type follows the documented policy',
    fix: 'Check each value against the column’s type while decoding, and fail with `invalid_data` or convert as documented.',
    run: (context) => readNativeCases(context, 63, []),
  },
  {
    id: 'late-values',
    number: 61,
    title: 'a column that is null for 10,000 rows, and one that always is, have their declared types',
    fix: 'Take types from the source’s declaration, not from the first rows.',
    async run(context) {
      const fixture = await context.fixture(LATE_VALUES);
      const { schema } = await context.open(fixture);
      if (describeSchema(schema) !== describeSchema(fixture.schema))
        context.fail({ expected: describeSchema(fixture.schema), found: describeSchema(schema) });
      await expectRows(context, fixture);
    },
  },
  {
    id: 'text-stays-text',
    number: 62,
    title: 'text that looks like a number, a truth value or a date stays text',
    fix: 'Never guess a type from the value of a text column.',
    async run(context) {
      const fixture = await context.fixture(LOOKALIKES);
      const { schema } = await context.open(fixture);
      if (describeSchema(schema) !== describeSchema(fixture.schema))
        context.fail({ expected: describeSchema(fixture.schema), found: describeSchema(schema) });
      await expectRows(context, fixture);
    },
  },
]);

/** One check that reads the values of all types that belong to a number. */
function valueChecks(number: TypeCase['check'] | 53, id: string, title: string): Omit<Check, 'chapter'>[] {
  return [
    {
      id,
      number,
      title,
      fix: FIX_VALUES,
      timeoutMs: 300_000,
      run: (context) =>
        readNativeCases(
          context,
          number,
          TYPE_CASES.filter(({ check }) => check === number),
        ),
    },
  ];
}

/** Reads the values of common types, then of the source's own; skips when it has neither. */
async function readNativeCases(context: CheckContext, number: number, cases: readonly TypeCase[]): Promise<void> {
  const held = cases.filter((typeCase) => isHeld(context, typeCase));
  for (const typeCase of held) {
    const fixture = await context.fixture(typeTable(typeCase));
    const { schema } = await context.open(fixture);
    const [found, expected] = [schema.fields[1]!, fixture.field('value')];
    if (!fieldsEqual(found, expected))
      context.fail({
        expected: `${typeCase.name}: ${describeSchema({ fields: [expected] })}`,
        found: describeSchema({ fields: [found] }),
      });
    await expectRows(context, fixture);
  }
  const native = (context.source.nativeCases ?? []).filter(({ check }) => check === number);
  for (const [index, nativeCase] of native.entries())
    await readNativeCase(context, `native_${number}_${index}`, nativeCase);
  if (held.length + native.length === 0) context.skip('the source has no type of this kind');
}

async function readNativeCase(context: CheckContext, name: string, nativeCase: NativeCase): Promise<void> {
  const { declaration, literals, parameters, expected } = nativeCase;
  const columns = [
    { name: 'id', declaration: 'integer' },
    { name: 'value', declaration },
  ];
  const rows = literals.map((literal, row) => [String(row), literal]);
  const location = await context.source.createNativeTable!({ name, columns, rows });
  const { table } = await context.connector();
  const scan = async () => {
    const provider = await table(location, parameters && { parameters });
    return { provider, scanned: await scanTable(provider, { projection: [0, 1] }) };
  };
  if ('code' in expected) {
    await expectError(context, { what: `reading ${declaration}`, run: scan, codes: [expected.code] });
    return;
  }
  const { provider, scanned } = await scan();
  const field = { name: 'value', ...expected.field };
  if (!fieldsEqual(provider.schema.fields[1]!, field))
    context.fail({
      expected: `${declaration}: ${describeSchema({ fields: [field] })}`,
      found: describeSchema({ fields: [provider.schema.fields[1]!] }),
    });
  const wanted = rowsOf([
    batchFromRows(
      { fields: [field] },
      expected.values.map((value) => [value]),
    ),
  ]);
  const found = [...scanned.rows].sort((left, right) => Number(left[0]) - Number(right[0])).map((row) => [row[1]!]);
  const difference = compareInOrder(found, wanted);
  if (difference)
    context.fail({ ...difference, expected: `${declaration}: ${difference.expected}`, ...statementOf(scanned.plan) });
}

function isHeld({ source }: CheckContext, { type, low, high }: TypeCase): boolean {
  const field = { name: 'value', type, nullable: true };
  if (source.present(field) === undefined) return false;
  return (source.holds?.(field, low) ?? true) && (source.holds?.(field, high) ?? true);
}

async function compareLowAndHigh(context: CheckContext, typeCase: TypeCase): Promise<void> {
  const spec = { ...typeTable({ ...typeCase, special: [] }), name: `pair_${typeCase.name}` };
  const fixture = await context.fixture(spec);
  const table = await context.open(fixture);
  const read = compareMultisets((await scanTable(table)).rows, fixture.rows);
  if (read) context.fail({ ...read, expected: `${typeCase.name}: ${read.expected}` });
  const field = fixture.field('value');
  const column = columnOf(field);
  const isNull = condition('is_null', column);
  const audits = [isNull, condition('is_not_null', column)];
  if (isComparable(field.type)) {
    const [low, high] = [literalOf(field.type, typeCase.low), literalOf(field.type, typeCase.high)];
    const comparisons = [
      condition('eq', column, low),
      condition('ne', column, low),
      condition('le', column, low),
      condition('gt', column, low),
      condition('le', column, high),
      condition('ge', column, high),
      condition('lt', column, high),
      condition('in', column, low, high),
    ];
    audits.push(...comparisons, ...comparisons.map((comparison) => condition('or', comparison, isNull)));
  }
  for (const [index, filter] of audits.entries())
    await auditFilters(
      context,
      { fixture, table },
      { label: `${typeCase.name}, comparison ${index}`, filters: [filter] },
    );
}
