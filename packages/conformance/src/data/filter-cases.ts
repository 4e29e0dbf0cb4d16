import { dataTypes, type Expr, type Field, type ScalarFunction } from '@millrace/core';
import { callOf, columnOf, condition, literalOf } from '../expressions.ts';
import type { FilterAudit } from '../read/audit-filters.ts';

const COMPARISONS: readonly ScalarFunction[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

/** Every comparison, list and null test on one column; `values` are two that occur and one that does not. */
export function vocabularyCases(
  field: Field,
  values: readonly [string | number, string | number, string | number],
): FilterAudit[] {
  const column = columnOf(field);
  const [one, two, absent] = values.map((value) => literalOf(field.type, value)) as [Expr, Expr, Expr];
  const missing = literalOf(field.type, null);
  const compared = COMPARISONS.flatMap((name) => [
    [`${name} value`, condition(name, column, one)] as const,
    [`${name} absent value`, condition(name, column, absent)] as const,
    [`not ${name} value`, condition('not', condition(name, column, one))] as const,
    [`${name} NULL`, condition(name, column, missing)] as const,
    [`value ${name} column`, condition(name, two, column)] as const,
  ]);
  const cases: (readonly [string, Expr])[] = [
    ...compared,
    ['is null', condition('is_null', column)],
    ['is not null', condition('is_not_null', column)],
    ['not is null', condition('not', condition('is_null', column))],
    ['distinct from value', condition('distinct', column, one)],
    ['not distinct from value', condition('not_distinct', column, one)],
    ['distinct from NULL', condition('distinct', column, missing)],
    ['not distinct from NULL', condition('not_distinct', column, missing)],
    ['in values', condition('in', column, one, two)],
    ['in one', condition('in', column, one)],
    ['in values and NULL', condition('in', column, one, missing)],
    ['not in values', condition('not', condition('in', column, one, two))],
    ['not in values and NULL', condition('not', condition('in', column, one, missing))],
    ['between', condition('and', condition('ge', column, one), condition('le', column, two))],
    ['not between', condition('not', condition('and', condition('ge', column, one), condition('le', column, two)))],
    ['or', condition('or', condition('eq', column, one), condition('eq', column, two))],
    ['or is null', condition('or', condition('eq', column, one), condition('is_null', column))],
    ['and is not null', condition('and', condition('ne', column, one), condition('is_not_null', column))],
    ['not (or)', condition('not', condition('or', condition('eq', column, one), condition('is_null', column)))],
    ['contradiction', condition('and', condition('eq', column, one), condition('eq', column, two))],
    ['tautology', condition('or', condition('is_null', column), condition('is_not_null', column))],
    ['coalesce', condition('eq', callOf('coalesce', field.type, column, two), two)],
    ['case', condition('eq', callOf('case', field.type, condition('eq', column, one), two, column), two)],
    ['NULL alone', literalOf(dataTypes.bool(), null)],
    ['TRUE alone', literalOf(dataTypes.bool(), true)],
    ['FALSE alone', literalOf(dataTypes.bool(), false)],
    ['column = column', condition('eq', column, column)],
  ];
  return cases.map(([label, filter]) => ({ label: `${field.name} ${label}`, filters: [filter] }));
}

/** Equality, inequality, ranges and lists against each of some texts. */
export function textCases(field: Field, texts: readonly string[]): FilterAudit[] {
  const column = columnOf(field);
  return texts.flatMap((text) => {
    const value = literalOf(field.type, text);
    const shown = JSON.stringify(text);
    return [
      ...COMPARISONS.map((name) => ({ label: `${name} ${shown}`, filters: [condition(name, column, value)] })),
      {
        label: `not in (${shown}, "b")`,
        filters: [condition('not', condition('in', column, value, literalOf(field.type, 'b')))],
      },
      { label: `in (${shown}, "0")`, filters: [condition('in', column, value, literalOf(field.type, '0'))] },
    ];
  });
}

/** The three literal pattern tests against each of some texts, and their negations. */
export function partCases(field: Field, texts: readonly string[]): FilterAudit[] {
  const column = columnOf(field);
  return texts.flatMap((text) =>
    (['starts_with', 'ends_with', 'contains'] as const).flatMap((name) => {
      const test = condition(name, column, literalOf(field.type, text));
      const label = `${name} ${JSON.stringify(text)}`;
      return [
        { label, filters: [test] },
        { label: `not ${label}`, filters: [condition('not', test)] },
      ];
    }),
  );
}

/** LIKE with patterns and escapes, and its negation. */
export function likeCases(field: Field, patterns: readonly (readonly [string, string])[]): FilterAudit[] {
  const column = columnOf(field);
  return patterns.flatMap(([pattern, escapeCharacter]) => {
    const utf8 = dataTypes.utf8();
    const test = condition('like', column, literalOf(utf8, pattern), literalOf(utf8, escapeCharacter));
    const label = `like ${JSON.stringify(pattern)} escape ${JSON.stringify(escapeCharacter)}`;
    return [
      { label, filters: [test] },
      { label: `not ${label}`, filters: [condition('not', test)] },
    ];
  });
}
