import { DuckDBTypeId, type DuckDBUnionType } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { UnionMode } from '@millrace/core';
import { type ColumnSource, type CreateWriter, columnError, type WriteRows } from './column-source.ts';
import { createGatherer } from './gather-rows.ts';
import { copyToVector } from './raw-vector.ts';
import { scratchBytes } from './scratch.ts';
import { allVisible, hideRow, isVisible, type RowMask, visibleRows, writeMask } from './validity.ts';
import { createNullWriter } from './write-fixed-width.ts';
import { childSource } from './write-nested.ts';

/**
 * Writes unions: DuckDB keeps them as a struct of the tag and all members, of which all but the tagged one are null.
 *
 * Arrow's unions have no nulls of their own: a null member stays a tagged null. A bitmap, where a column has one all the same,
 * makes the whole union null.
 */
export function createUnionWriter(source: ColumnSource, createWriter: CreateWriter): WriteRows {
  const { column, field, path, target } = source;
  if (target.typeId !== DuckDBTypeId.UNION) {
    throw columnError(path, `cannot be written as ${target.toString()}`, 'unsupported_type');
  }
  const typeIds = column.typeIds;
  if (column.length > 0 && (typeIds === undefined || typeIds.length < column.length)) {
    throw columnError(path, 'has fewer type ids than rows');
  }
  const ordinals = new Map(Array.from(field.type.typeIds ?? [], (id, ordinal) => [id, ordinal]));
  const members = unionMembers(source, target, createWriter);
  return (vector, start, count, mask) => {
    const visible = visibleRows(column, start, count, mask);
    writeMask(vector, visible);
    const tags = scratchBytes(count);
    for (let row = 0; row < count; row++) {
      const tag = ordinals.get(typeIds?.[start + row] as number);
      if (tag === undefined && isVisible(visible, row)) {
        throw columnError(path, `has an unknown type id at position ${start + row}`);
      }
      tags[row] = tag ?? 0;
    }
    const tagVector = duckdb.struct_vector_get_child(vector, 0);
    writeMask(tagVector, visible);
    copyToVector(tagVector, 0, tags);
    for (const [ordinal, writeMember] of members.entries()) {
      const chosen = rowsWithTag(tags, ordinal, visible);
      writeMember(duckdb.struct_vector_get_child(vector, ordinal + 1), start, count, chosen);
    }
  };
}

function unionMembers(source: ColumnSource, target: DuckDBUnionType, createWriter: CreateWriter): readonly WriteRows[] {
  const { column, path } = source;
  return target.memberTypes.map((memberType, ordinal) => {
    const member = childSource(source, ordinal, memberType);
    if (column.type.mode === UnionMode.Dense) {
      return createDenseMemberWriter(source, member, createWriter);
    }
    if (member.column.length < column.length) {
      throw columnError(path, `has fewer rows in member ${JSON.stringify(member.field.name)} than in all`);
    }
    return createWriter(member);
  });
}

/** A dense member holds only its own rows: they are gathered to stand beside those of the other members. */
function createDenseMemberWriter(union: ColumnSource, member: ColumnSource, createWriter: CreateWriter): WriteRows {
  const { column, path } = union;
  const offsets = column.valueOffsets;
  if (column.length > 0 && (offsets === undefined || offsets.length < column.length)) {
    throw columnError(path, 'has fewer offsets than rows');
  }
  if (member.column.length === 0) {
    return createNullWriter();
  }
  // Made once for its checks of the member's buffers, on which gathering relies.
  createWriter(member);
  const gather = createGatherer(member.column);
  return (vector, start, count, mask) => {
    const rows = new Int32Array(count);
    for (let row = 0; row < count; row++) {
      if (isVisible(mask, row)) {
        const offset = Number(offsets?.[start + row]);
        if (!(offset >= 0 && offset < member.column.length)) {
          throw columnError(path, `has an offset beyond its values at position ${start + row}`);
        }
        rows[row] = offset;
      }
    }
    createWriter({ ...member, column: gather(rows) })(vector, 0, count, mask);
  };
}

function rowsWithTag(tags: Uint8Array, tag: number, visible: RowMask | undefined): RowMask {
  const mask = allVisible(tags.length);
  for (let row = 0; row < tags.length; row++) {
    if (tags[row] !== tag || !isVisible(visible, row)) {
      hideRow(mask, row);
    }
  }
  return mask;
}
