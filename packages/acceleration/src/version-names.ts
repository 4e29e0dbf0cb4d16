/** The names of the tables that hold the versions of one dataset's rows. */
export interface VersionNames {
  /** The table that holds one version of the rows. */
  version(number: number): string;
  /** The number of a version by its table's name; undefined for any other table. */
  versionOf(table: string): number | undefined;
}

/** Versions stand beside the public name: `orders` is a view over `__millrace_orders__v42`. */
export function versionNames(
  publicName: string,
  /** Makes names equal that are one to the engine; every letter stays one. */
  fold: (name: string) => string,
): VersionNames {
  const prefix = `__millrace_${publicName}__v`;
  return {
    version: (number) => `${prefix}${number}`,
    versionOf: (name) => {
      if (!fold(name).startsWith(fold(prefix))) return undefined;
      const digits = name.slice(prefix.length);
      return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
    },
  };
}
