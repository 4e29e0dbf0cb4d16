import { type DataType, type Rel, type Schema, type TableReference, TypeId } from '@millrace/core';
import type { Dialect } from '../dialect.ts';
import type { SqlTable } from '../plan-select.ts';
import type { SemanticsProfile } from '../semantics-profile.ts';
import type { ParameterMarks } from '../translate/statement-text.ts';
import type { Translation } from '../translate/translation.ts';
import type { RelColumn, RelNames, RelQuery } from './rel-query.ts';

/** What `printRel` needs to know of a source. */
export interface RelSource {
  readonly dialect: Dialect;
  readonly profile: SemanticsProfile;
  /** The table behind a scan; undefined where the source has none of that name and schema. */
  table(reference: TableReference, schema: Schema): Pick<SqlTable, 'from' | 'columns'> | undefined;
}

/** What the printers of all nodes share. */
export interface RelContext {
  readonly source: RelSource;
  readonly marks: ParameterMarks;
  readonly names: RelNames;
  print(rel: Rel): RelQuery | undefined;
}

/** The columns of a relation, as expressions name them. */
export interface RelScope {
  readonly translation: Translation;
  find(path: readonly string[]): RelColumn | undefined;
}

/** Columns are named alone or behind the alias of their side; a name that two columns have is nobody's. */
export function createRelScope(columns: readonly RelColumn[], { source, marks }: RelContext): RelScope {
  const find: RelScope['find'] = ([first, second, ...rest]) => {
    const named = columns.filter(({ field, side }) =>
      second === undefined ? field.name === first : rest.length === 0 && side === first && field.name === second,
    );
    return named.length === 1 ? named[0] : undefined;
  };
  const { dialect, profile } = source;
  const resolve: Translation['resolve'] = (path) => find(path)?.operand;
  return { find, translation: { dialect, profile, bind: marks.bind, lists: 'whole', resolve } };
}

/** Tells whether two types are the same to every reader of a result; nested types and enumerations are not looked into. */
export function isEqualType(left: DataType, right: DataType): boolean {
  return (
    left.typeId === right.typeId &&
    left.typeId !== TypeId.Dictionary &&
    left.bitWidth === right.bitWidth &&
    left.isSigned === right.isSigned &&
    left.precision === right.precision &&
    left.scale === right.scale &&
    left.unit === right.unit &&
    left.byteWidth === right.byteWidth &&
    (left.timezone ?? null) === (right.timezone ?? null) &&
    (left.children ?? []).length === 0
  );
}
