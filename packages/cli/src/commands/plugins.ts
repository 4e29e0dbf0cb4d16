import { dataTypes, field, type Schema } from '@millrace/core';
import { type Diagnostic, discoverPlugins, type PluginEntry, type PluginRegistry } from '@millrace/core/registry';
import type { CommandContext } from '../command-context.ts';
import { listing } from '../output/listing.ts';
import { writeChunks } from '../output/write-chunks.ts';
import { type ResultFormat, writeResult } from '../output/write-result.ts';

const PLUGIN_COLUMNS = ['kind', 'id', 'aliases', 'package', 'version', 'stability', 'description'] as const;
const FINDING_COLUMNS = ['code', 'file', 'message', 'fix'] as const;

/**
 * Lists the plugins that the host has, and what discovery found wrong.
 *
 * A table has the findings below it; every other format has them as rows, with a status other than `ok`.
 */
export async function runPlugins(
  { io: { stdout }, hostRoot }: CommandContext,
  { format = 'table' }: { readonly format?: ResultFormat },
): Promise<void> {
  const registry = discoverPlugins({ hostRoot });
  const plugins = [...registry.connectors.values(), ...registry.accelerators.values()];
  if (format !== 'table') {
    const rows = [...plugins.map(toPluginRow), ...registry.diagnostics.map(toFindingRow)];
    const schema = textSchema(['status', ...PLUGIN_COLUMNS, ...FINDING_COLUMNS]);
    await writeResult({ result: listing(schema, rows), format, output: stdout });
    return;
  }
  if (plugins.length > 0)
    await writeResult({
      result: listing(textSchema(PLUGIN_COLUMNS), plugins.map(pick(PLUGIN_COLUMNS))),
      format,
      output: stdout,
    });
  await writeChunks(stdout, [describeFindings(registry)]);
}

function textSchema(names: readonly string[]): Schema {
  return { fields: names.map((name) => field(name, dataTypes.utf8())) };
}

type Row = Readonly<Record<string, string | null>>;

function toPluginRow(entry: PluginEntry): Row {
  return {
    status: 'ok',
    kind: entry.kind,
    id: entry.id,
    aliases: entry.aliases.length === 0 ? null : entry.aliases.join(', '),
    package: entry.package,
    version: entry.version,
    stability: entry.stability,
    description: entry.description ?? null,
    file: entry.entry ?? null,
  };
}

function toFindingRow({ severity, package: name, contribution, code, file, message, fix }: Diagnostic): Row {
  return {
    status: severity,
    kind: contribution?.kind ?? null,
    id: contribution?.id ?? null,
    package: name === '' ? null : name,
    code,
    file: file === '' ? null : file,
    message,
    fix: fix === '' ? null : fix,
  };
}

/** A table shows those columns only in which something stands. */
function pick(columns: readonly string[]): (entry: PluginEntry) => Row {
  return (entry) => {
    const row = toPluginRow(entry);
    return Object.fromEntries(columns.map((name) => [name, row[name] ?? null]));
  };
}

function describeFindings({ diagnostics, hostFile, connectors, accelerators }: PluginRegistry): string {
  const host = hostFile === undefined ? '' : `Plugins come from the dependencies in ${hostFile}.\n`;
  const none = connectors.size + accelerators.size === 0 ? 'No plugin is installed.\n' : '';
  return `${none}${host}${diagnostics.map((finding) => `\n${describeFinding(finding)}`).join('')}`;
}

function describeFinding({ severity, code, package: name, file, message, fix }: Diagnostic): string {
  const lines = [`${severity}: ${name === '' ? '' : `${name}: `}${message} [${code}]`];
  if (file !== '') lines.push(`  file: ${file}`);
  if (fix !== '') lines.push(`  fix: ${fix}`);
  return `${lines.join('\n')}\n`;
}
