import type { AcceleratorPlugin, CreateTableCommand, DataAccelerator } from '@millrace/core';

/** Whether a copy is still there once the process has ended: in a file, or, where an engine has none, in a place of its own, as a server is. */
export function outlivesProcess(
  plugin: Pick<AcceleratorPlugin, 'modes'>,
  accelerator: DataAccelerator,
  { mode }: CreateTableCommand,
): boolean {
  return accelerator.readCheckpoint !== undefined && (mode === 'file' || !plugin.modes.includes('file'));
}
