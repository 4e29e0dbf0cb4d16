import { cancel, intro, isCancel, multiselect, select } from '@clack/prompts';
import type { CommandLineIo } from '../command-line-io.ts';
import type { NewConfig } from './write-config.ts';

/** What the user is asked about. */
export interface Questions {
  readonly io: CommandLineIo;
  readonly name: string;
  /** Data files that were found. */
  readonly files: readonly string[];
  /** Ids of the accelerators that are installed. */
  readonly accelerators: readonly string[];
}

/** Asks on the terminal what the configuration should say; undefined when the user gives up. */
export async function ask({ io, name, files, accelerators }: Questions): Promise<NewConfig | undefined> {
  const streams = { input: io.stdin, output: io.stderr };
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
  if (chosen.length === 0 || accelerators.length === 0) return { name, files: chosen };
  const kept = await select({
    ...streams,
    message: 'Keep local copies of them?',
    options: [
      { value: undefined, label: 'No', hint: 'every query reads the files' },
      ...(accelerators.includes('arrow') ? [{ value: MEMORY, label: 'In memory', hint: 'engine arrow' }] : []),
      ...(accelerators.includes('duckdb') ? [{ value: FILE, label: 'In a file', hint: 'engine duckdb' }] : []),
    ],
  });
  if (isCancel(kept)) return giveUp(io);
  return { name, files: chosen, ...(kept === undefined ? {} : { acceleration: kept }) };
}

const MEMORY: NonNullable<NewConfig['acceleration']> = { engine: 'arrow', mode: 'memory' };
const FILE: NonNullable<NewConfig['acceleration']> = { engine: 'duckdb', mode: 'file' };

function giveUp(io: CommandLineIo): undefined {
  cancel('Nothing was written.', { output: io.stderr });
  return undefined;
}
