import { extraColumnError, missingColumnError } from '../schema-errors.ts';
import { combineTypes } from './combine-types.ts';
import type { CsvFile } from './csv-file.ts';
import type { CsvColumn } from './sniff-csv.ts';

/** What to do about columns that a file lacks. */
export const UNION_HINT = 'Set csv_union_by_name: true to read what is missing as NULL';

/** What {@link mergeColumns} merges. */
export interface MergeRequest {
  readonly files: readonly CsvFile[];
  /** Whether files may lack columns of others. */
  readonly columns: 'same' | 'union';
  /** Those of a file's columns that hold no value. */
  readonly findEmpty: (file: CsvFile, names: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly component: string;
}

/**
 * The columns of all files, in the order in which they are first met, with types that hold the values of all. Names are the same
 * whatever their case. A column without values says nothing about the type.
 *
 * @throws MillraceError `schema_mismatch` naming the first file and column that differ.
 */
export async function mergeColumns({
  files,
  columns,
  findEmpty,
  component,
}: MergeRequest): Promise<readonly CsvColumn[]> {
  const merged = new Map<string, { readonly name: string; readonly type: string | undefined }>();
  for (const [index, file] of files.entries()) {
    if (index > 0 && columns === 'same') checkSameNames(file, [...merged.values()], component);
    const doubtful = file.layout.columns.filter(
      ({ name, type }) => files.length > 1 && type === 'VARCHAR' && merged.get(name.toLowerCase())?.type !== 'VARCHAR',
    );
    const empty = await findEmpty(
      file,
      doubtful.map(({ name }) => name),
    );
    for (const { name, type } of file.layout.columns) {
      const known = merged.get(name.toLowerCase());
      const types = [known?.type, empty.has(name) ? undefined : type].filter((each) => each !== undefined);
      merged.set(name.toLowerCase(), {
        name: known?.name ?? name,
        type: types.length === 2 ? combineTypes(types[0]!, types[1]!) : types[0],
      });
    }
  }
  return [...merged.values()].map(({ name, type = 'VARCHAR' }) => ({ name, type }));
}

function checkSameNames(file: CsvFile, known: readonly { readonly name: string }[], component: string): void {
  const present = file.layout.columns.map(({ name }) => name);
  const missing = notAmong(
    known.map(({ name }) => name),
    present,
  );
  if (missing !== undefined)
    throw missingColumnError({ component, file: file.path, column: missing, present, hint: UNION_HINT });
  const extra = notAmong(
    present,
    known.map(({ name }) => name),
  );
  if (extra !== undefined) throw extraColumnError({ component, file: file.path, column: extra, hint: UNION_HINT });
}

/** The first name that is not among the others. */
function notAmong(names: readonly string[], others: readonly string[]): string | undefined {
  const present = new Set(others.map((name) => name.toLowerCase()));
  return names.find((name) => !present.has(name.toLowerCase()));
}
