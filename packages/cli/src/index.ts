export type { CommandLineIo, InputStream, Interruption, OutputStream } from './command-line-io.ts';
export { runCommandLine } from './run-command-line.ts';
