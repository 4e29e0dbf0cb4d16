import type { Diagnostic } from './diagnostic.ts';
import type { PluginEntry, PluginKind, PluginRegistry } from './plugin-registry.ts';

/** What a registry is made of. */
export interface AssembleRegistryRequest {
  /** Every contribution that passed its own checks; ids may repeat. */
  readonly entries: readonly PluginEntry[];
  readonly diagnostics: readonly Diagnostic[];
  /** Which package provides an id that several contribute: `connector:postgres` → package name. */
  readonly prefer?: Readonly<Record<string, string>>;
  readonly hostRoot?: string;
  readonly hostFile?: string;
}

/** Decides duplicates and aliases and makes the registry. An id that stays undecided is left out, with a diagnostic. */
export function assembleRegistry(request: AssembleRegistryRequest): PluginRegistry {
  const diagnostics = [...request.diagnostics];
  const chosen = chooseEntries(request, diagnostics);
  const byName = new Map<string, PluginEntry>(chosen.map((entry) => [keyOf(entry.kind, entry.id), entry]));
  for (const [alias, entry] of usableAliases(chosen, diagnostics)) byName.set(alias, entry);
  const ofKind = (kind: PluginKind) => chosen.filter((entry) => entry.kind === kind).map((entry) => [entry.id, entry]);
  return {
    connectors: new Map(ofKind('connector') as [string, PluginEntry<'connector'>][]),
    accelerators: new Map(ofKind('accelerator') as [string, PluginEntry<'accelerator'>][]),
    diagnostics,
    ...(request.hostRoot === undefined ? {} : { hostRoot: request.hostRoot }),
    ...(request.hostFile === undefined ? {} : { hostFile: request.hostFile }),
    find: <Kind extends PluginKind>(kind: Kind, id: string) =>
      byName.get(keyOf(kind, id)) as PluginEntry<Kind> | undefined,
  };
}

function keyOf(kind: PluginKind, name: string): string {
  return `${kind}:${name}`;
}

function chooseEntries({ entries, prefer }: AssembleRegistryRequest, diagnostics: Diagnostic[]): PluginEntry[] {
  const groups = new Map<string, PluginEntry[]>();
  for (const entry of entries) {
    const key = keyOf(entry.kind, entry.id);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  const chosen: PluginEntry[] = [];
  for (const [key, group] of [...groups].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const preferred = group.filter((entry) => entry.package === prefer?.[key]);
    const candidates = group.length > 1 && preferred.length > 0 ? preferred : group;
    if (candidates.length === 1) chosen.push(candidates[0]!);
    else diagnostics.push(duplicateId(key, candidates));
  }
  return chosen;
}

function duplicateId(key: string, entries: readonly PluginEntry[]): Diagnostic {
  const { kind, id } = entries[0]!;
  const places = entries.map((entry) => `${entry.package}@${entry.version} in ${entry.directory ?? 'the registry'}`);
  return {
    code: 'duplicate_id',
    severity: 'error',
    package: [...new Set(entries.map((entry) => entry.package))].join(', '),
    file: entries[0]!.directory ?? '',
    message: `the ${kind} ${id} is contributed ${entries.length} times: ${places.join(' and ')}`,
    fix: `Remove all but one, or choose one with prefer: { '${key}': '${entries[0]!.package}' }`,
    contribution: { kind, id },
  };
}

function usableAliases(entries: readonly PluginEntry[], diagnostics: Diagnostic[]): Map<string, PluginEntry> {
  const ids = new Set(entries.map((entry) => keyOf(entry.kind, entry.id)));
  const claims = new Map<string, PluginEntry[]>();
  for (const entry of entries) {
    for (const alias of new Set(entry.aliases)) {
      const key = keyOf(entry.kind, alias);
      claims.set(key, [...(claims.get(key) ?? []), entry]);
    }
  }
  const usable = new Map<string, PluginEntry>();
  for (const [key, claimants] of claims) {
    if (claimants.length === 1 && !ids.has(key)) {
      usable.set(key, claimants[0]!);
      continue;
    }
    for (const entry of claimants) {
      diagnostics.push({
        code: 'alias_conflict',
        severity: 'warning',
        package: entry.package,
        file: entry.directory ?? '',
        message: `the alias ${key.slice(key.indexOf(':') + 1)} of ${entry.kind} ${entry.id} is not used, because ${ids.has(key) ? 'it is the id of another plugin' : 'another plugin has it too'}`,
        fix: `Write ${entry.id} instead of the alias`,
      });
    }
  }
  return usable;
}
