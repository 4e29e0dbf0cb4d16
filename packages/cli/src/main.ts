#!/usr/bin/env node
import { processIo } from './command-line-io.ts';
import { runCommandLine } from './run-command-line.ts';

const io = processIo();
// A reader that has gone away shows in the writes that are awaited; without a listener it would end the process.
for (const stream of [io.stdout, io.stderr]) stream.on('error', () => {});
// A second Ctrl-C does not wait for anything.
let interruptions = 0;
io.onInterruption(() => {
  interruptions += 1;
  if (interruptions > 1) process.exit(130);
});
const status = await runCommandLine(process.argv.slice(2), io);
// Whatever a plugin may have left open, the command is over once its output has been taken.
await Promise.all([io.stdout, io.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))));
process.exit(status);
