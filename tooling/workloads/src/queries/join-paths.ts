import { typesEqual } from '@millrace/arrow';
import { type ColumnValues, rowsHolding, type TableData } from './table-data.ts';

/** Two columns whose values meet, so that joining over them gives some rows, but not too many. */
export interface JoinPath {
  readonly left: TableData;
  readonly leftColumn: string;
  readonly right: TableData;
  readonly rightColumn: string;
  /** Rows of the join for each row on the left, on average. */
  readonly fanOut: number;
}

const MAX_JOINED_ROWS = 2_000;

/** All paths between the tables, both ways, and from a table to itself. */
export function findJoinPaths(tables: readonly TableData[]): readonly JoinPath[] {
  return tables.flatMap((left) =>
    tables.flatMap((right) =>
      left.columns.flatMap((leftColumn) =>
        right.columns.flatMap((rightColumn): readonly JoinPath[] => {
          if (!typesEqual(leftColumn.type, rightColumn.type) || leftColumn.kind === 'boolean') return [];
          const size = joinSize(leftColumn, rightColumn);
          if (size === 0 || size > MAX_JOINED_ROWS) return [];
          const fanOut = size / left.rowCount;
          return [{ left, leftColumn: leftColumn.name, right, rightColumn: rightColumn.name, fanOut }];
        }),
      ),
    ),
  );
}

function joinSize(left: ColumnValues, right: ColumnValues): number {
  return left.samples.reduce<number>(
    (size, sample, index) => size + (left.rowsBySample[index]?.length ?? 0) * rowsHolding(right, sample).length,
    0,
  );
}
