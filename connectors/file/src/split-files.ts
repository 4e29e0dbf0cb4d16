/** How many partitions a scan of many files has at most; more would only cost statements. */
const MAX_PARTITIONS = 64;

/** Neighbouring files in parts of nearly equal count: one a file, until there are too many. At least one part. */
export function splitFiles<File>(files: readonly File[]): readonly (readonly File[])[] {
  const count = Math.max(1, Math.min(files.length, MAX_PARTITIONS));
  return Array.from({ length: count }, (_, index) =>
    files.slice(Math.floor((index * files.length) / count), Math.floor(((index + 1) * files.length) / count)),
  );
}
