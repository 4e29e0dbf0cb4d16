import { CommanderError } from 'commander';
import { createCommandContext, type GlobalOptions } from './command-context.ts';
import type { CommandLineIo, Interruption } from './command-line-io.ts';
import { createProgram } from './create-program.ts';
import { printError } from './output/print-error.ts';
import { OutputClosed } from './output/write-chunks.ts';
import { UsageError } from './usage-error.ts';

const FAILED = 1;
const WRONG_USAGE = 2;
/** By the convention of shells: 128 and the number of the signal. */
const INTERRUPTED: Readonly<Record<Interruption, number>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * Runs the command `millrace` with the arguments behind its name, and tells the exit status: 0, 1 for a failure, 2 for wrong
 * usage, 130 when Ctrl-C ended it (143: SIGTERM).
 *
 * It never throws: what goes wrong is printed to `stderr`. A reader of the output that goes away early is no failure.
 */
export async function runCommandLine(args: readonly string[], io: CommandLineIo): Promise<number> {
  const interruption = new AbortController();
  let interrupted: Interruption | undefined;
  const unlisten = io.onInterruption((signal) => {
    interrupted ??= signal;
    interruption.abort();
  });
  // Failed writes are reported where they are awaited; without a listener they would end the process.
  const ignore = () => {};
  io.stdout.on('error', ignore);
  io.stderr.on('error', ignore);
  const program = createProgram(io, (options) => createCommandContext(io, options, interruption.signal));
  try {
    await program.parseAsync(args, { from: 'user' });
    return interrupted === undefined ? 0 : INTERRUPTED[interrupted];
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    if (error instanceof OutputClosed) return 0;
    if (interrupted !== undefined) {
      io.stderr.write('cancelled\n');
      return INTERRUPTED[interrupted];
    }
    const { debug } = program.opts<GlobalOptions>();
    printError(io.stderr, error, debug === true ? 'debug' : 'plain');
    return error instanceof UsageError ? WRONG_USAGE : FAILED;
  } finally {
    unlisten();
    io.stdout.off('error', ignore);
    io.stderr.off('error', ignore);
  }
}
