import type { Accelerated, AcceleratorContext, OpenAcceleratedRequest } from './accelerator-context.ts';

/** A table in a folder that no other check uses; skips outside of mode file. */
export async function inOwnFolder(
  context: AcceleratorContext,
): Promise<OpenAcceleratedRequest & { readonly dataDirectory: string }> {
  context.requireFiles();
  return { name: 'kept', dataDirectory: await context.folder() };
}

/** Ends an accelerator, and what the plugin keeps in the process. */
export async function restart(context: AcceleratorContext, { accelerator }: Accelerated): Promise<void> {
  await accelerator.shutdown();
  await context.subject.reopen?.();
}
