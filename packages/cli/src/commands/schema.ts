import { discoverPlugins, type PluginEntry } from '@millrace/core/registry';
import type { ConfigPlugin } from '@millrace/runtime';
import type { CommandContext } from '../command-context.ts';
import { loadRuntimeModule } from '../host/runtime-module.ts';
import { writeChunks } from '../output/write-chunks.ts';

/** Writes the JSON Schema of `millrace.yaml`, with the parameters of the installed plugins. No plugin code runs. */
export async function runSchema({ io, hostRoot }: CommandContext): Promise<void> {
  const registry = discoverPlugins({ hostRoot });
  const describe = (entries: Iterable<PluginEntry>) => Promise.all(Array.from(entries, toConfigPlugin));
  const [{ configJsonSchema }, connectors, accelerators] = await Promise.all([
    loadRuntimeModule(hostRoot),
    describe(registry.connectors.values()),
    describe(registry.accelerators.values()),
  ]);
  const schema = configJsonSchema({ connectors, accelerators });
  await writeChunks(io.stdout, [`${JSON.stringify(schema, null, 2)}\n`]);
}

async function toConfigPlugin(entry: PluginEntry): Promise<ConfigPlugin> {
  const [prefix, parameters] = await Promise.all([entry.prefix(), entry.parameters()]);
  return { id: entry.id, aliases: entry.aliases, prefix, parameters };
}
