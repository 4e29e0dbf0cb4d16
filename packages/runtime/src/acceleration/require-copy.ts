import type { CreateTableCommand, DataAccelerator, MillraceError } from '@millrace/core';

/**
 * Makes sure that what an accelerator holds was made of the wanted definition, before it is opened without the source: opening would do away
 * with anything else, and there would be nothing to put in its place.
 *
 * @throws MillraceError the source's failure where there is no such copy.
 */
export async function requireCopy(
  accelerator: DataAccelerator,
  command: CreateTableCommand,
  source: { readonly failure: MillraceError; readonly signal: AbortSignal },
): Promise<void> {
  const checkpoint = await accelerator.readCheckpoint?.(command, source);
  const isUsable = checkpoint?.bootstrapComplete === true && checkpoint.definitionHash === command.definitionHash;
  if (!isUsable) throw source.failure;
}
