import { asciiLowerCase } from './ascii-lower-case.ts';

/** The names of CTEs that are visible at one place of a statement. */
export class CteScope {
  static readonly empty: CteScope = new CteScope(new Set(), new Set());

  readonly #names: ReadonlySet<string>;
  readonly #recursive: ReadonlySet<string>;

  private constructor(names: ReadonlySet<string>, recursive: ReadonlySet<string>) {
    this.#names = names;
    this.#recursive = recursive;
  }

  /** The scope behind a CTE: its name now hides the table of that name. */
  with(name: string): CteScope {
    return new CteScope(new Set([...this.#names, asciiLowerCase(name)]), this.#recursive);
  }

  /** The scope of the recursive part of a CTE, which also sees itself as `recurring.name`. */
  withRecursive(name: string): CteScope {
    const recursive = new Set([...this.#recursive, asciiLowerCase(name)]);
    return new CteScope(this.with(name).#names, recursive);
  }

  /** Tells whether a table reference means a CTE. A name with a schema never does, `recurring` apart. */
  has(schemaName: string | undefined, table: string): boolean {
    const name = asciiLowerCase(table);
    if (schemaName === undefined) {
      return this.#names.has(name);
    }
    return asciiLowerCase(schemaName) === 'recurring' && this.#recursive.has(name);
  }
}
