import { type Field, MillraceError, TypeId, type UnsupportedTypeAction } from '@millrace/core';
import { quoteIdentifier, type WireColumn, type WireType } from '@millrace/postgres';
import type { ColumnSemantics } from '@millrace/sql';
import { columnSemantics } from './semantics.ts';
import type { PostgresColumn, PostgresTable } from './table-description.ts';
import { type MappedType, mapType, readAsText } from './type-mapping.ts';

/** A column that is read: what the SQL kit needs, how it arrives, and how it compares. */
export interface ReadColumn extends WireColumn {
  readonly semantics: ColumnSemantics;
}

/** What to do with types that cannot be read exactly. */
export interface ReadOptions {
  readonly numericScale: number;
  readonly unsupportedTypeAction: UnsupportedTypeAction;
  readonly component: string;
  readonly warn: (message: string) => void;
}

/**
 * The columns of a table as they are read.
 *
 * @throws MillraceError `unsupported_type`, naming every column concerned, under the action `error`, and when no column is left.
 */
export function readColumns(table: PostgresTable, options: ReadOptions): readonly ReadColumn[] {
  const context = { types: table.types, numericScale: options.numericScale };
  const unsupported: PostgresColumn[] = [];
  const columns = table.columns.flatMap((column): readonly ReadColumn[] => {
    const mapped = mapType({ oid: column.type, modifier: column.modifier, dimensions: column.dimensions }, context);
    if (mapped !== undefined) return [createColumn(column, mapped, table)];
    unsupported.push(column);
    return options.unsupportedTypeAction === 'string' ? [createColumn(column, readAsText(), table)] : [];
  });
  const named = unsupported.map(({ name, typeText }) => `${name} (${typeText})`).join(', ');
  if (unsupported.length > 0 && (options.unsupportedTypeAction === 'error' || columns.length === 0)) {
    throw new MillraceError({
      code: 'unsupported_type',
      component: options.component,
      connector: 'postgres',
      message: `these columns have types that cannot be read exactly: ${named}`,
      hint: 'Set unsupported_type_action: string to read them as text, or ignore to leave them out',
    });
  }
  if (unsupported.length > 0 && options.unsupportedTypeAction === 'warn') {
    options.warn(`${options.component} (postgres): left out, as their types cannot be read exactly: ${named}`);
  }
  return columns;
}

function createColumn(column: PostgresColumn, mapped: MappedType, table: PostgresTable): ReadColumn {
  const { readAs, wire, type } = mapped;
  const field: Field = {
    name: column.name,
    type,
    nullable: !column.isNotNull,
    ...(column.comment === null ? {} : { metadata: new Map([['comment', column.comment]]) }),
  };
  const family = baseType(column, table);
  return {
    name: column.name,
    field,
    sourceType: column.typeText,
    wire,
    semantics: columnSemantics({ column, mapped, oid: family, encoding: table.encoding }),
    // Texts of two kinds of type cannot be compared plainly, nor can those of two collations: both count as such here.
    ...(type.typeId === TypeId.Utf8 || wire.kind === 'enum' ? { collation: collationLabel(column, family) } : {}),
    ...(readAs === undefined ? {} : { readAs }),
    ...(wire.kind === 'struct' ? { isComparable: false } : {}),
    ...textParameter(wire, family, table),
  };
}

const TEXT_FAMILY: ReadonlySet<number> = new Set([25, 1043]);

function collationLabel({ collation }: PostgresColumn, oid: number): string {
  return `${TEXT_FAMILY.has(oid) ? 'text' : oid}/${collation?.name ?? ''}`;
}

function textParameter(
  wire: WireType,
  oid: number,
  table: PostgresTable,
): Pick<ReadColumn, 'parameterType' | 'literals'> {
  if (wire.kind === 'enum') {
    const described = table.types.get(wire.oid);
    if (described === undefined) return {};
    return {
      parameterType: {
        sqlType: `${quoteIdentifier(described.schema)}.${quoteIdentifier(described.name)}`,
        oid: wire.oid,
      },
      literals: { kind: 'labels', labels: wire.labels },
    };
  }
  if (oid === 2950) return { parameterType: { sqlType: 'uuid', oid }, literals: { kind: 'uuid' } };
  if (oid === 1042) return { parameterType: { sqlType: 'bpchar', oid }, literals: { kind: 'unpadded' } };
  return {};
}

/** The type behind domains. */
function baseType({ type }: PostgresColumn, { types }: PostgresTable): number {
  let oid = type;
  for (let described = types.get(oid); described?.kind === 'd'; described = types.get(oid)) oid = described.base;
  return oid;
}
