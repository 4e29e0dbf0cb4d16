import { cancel, intro, isCancel, multiselect, select } from '@clack/prompts';
import type { CommandLineIo } from '../command-line-io.ts';
import type { NewConfig } from './write-config.ts';

/** What the user is asked about. */
export interface Questions {
  readonly io: CommandLineIo;
  /** Ends the asking. */
  readonly signal: AbortSignal;
  readonly name: string;
  /** Data files that were found. */
  readonly files: readonly string[];
  /** Ids of the accelerators that are installed. */
  readonly accelerators: readonly string[];
}

/** Asks on the terminal what the configuration should say; undefined when the user gives up. */
export async function ask({ io, signal, name, files, accelerators }: Questions): Promise<NewConfig | undefined> {
  const streams = { input: io.stdin, output: io.stderr, signal };
  intro('A new millrace.yaml', streams);
  if (files.length === 0) return { name, files };
  const chosen = await multiselect({
    ...streams,
    message: 'Which files become datasets?',
    options: files.map((file) => ({ value: file, label: file })),
    initialValues: [...files],
    required: false,
    maxItems: 15,
  });
  if (isCancel(chosen)) return giveUp(io);
  const copies = COPIES.filter(({ value }) => accelerators.includes(value.engine));
  if (chosen.length === 0 || copies.length === 0) return { name, files: chosen };
  const kept = await select({
    ...streams,
    message: 'Keep local copies of them?',
    options: [{ value: undefined, label: 'No', hint: 'every query reads the files' }, ...copies],
  });
  if (isCancel(kept)) return giveUp(io);
  return { name, files: chosen, ...(kept === undefined ? {} : { acceleration: kept }) };
}

/** Ways of keeping copies that need no further settings. */
const COPIES: readonly { readonly value: NonNullable<NewConfig['acceleration']>; readonly label: string }[] = [
  { value: { engine: 'arrow', mode: 'memory' }, label: 'In memory (arrow)' },
  { value: { engine: 'duckdb', mode: 'file' }, label: 'In a file (duckdb)' },
];

function giveUp(io: CommandLineIo): undefined {
  cancel('Nothing was written.', { output: io.stderr });
  return undefined;
}
