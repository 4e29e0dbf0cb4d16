import type { Dataset } from './dataset.ts';

/** The files that a dataset's source lets an engine read by itself; none where it is not connected. @throws the connector's error. */
export async function nativePathsOf({ failure, source }: Dataset, signal: AbortSignal): Promise<readonly string[]> {
  if (failure) return [];
  const relation = await source?.provider.nativeRelation?.({ signal });
  return relation?.kind === 'sql' ? relation.paths : [];
}
