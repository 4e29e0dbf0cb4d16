import { createRunDirectory, RUN_DIRECTORY_VARIABLE } from './run-directory.ts';
import { SERVICES } from './services.ts';
import { stopServices } from './stop-services.ts';

const directory = createRunDirectory();
process.env[RUN_DIRECTORY_VARIABLE] = directory;
const interrupted = new Promise<void>((resolve) => {
  process.once('SIGINT', resolve);
  process.once('SIGTERM', resolve);
});
try {
  for (const { name, missing, connectionString } of SERVICES) {
    const reason = missing();
    console.log(`${name.padEnd(14)} ${reason === undefined ? await connectionString() : `not available: ${reason}`}`);
  }
  console.log('Press Ctrl-C to stop them.');
  const keepAlive = setInterval(() => undefined, 60_000);
  await interrupted;
  clearInterval(keepAlive);
} finally {
  await stopServices(directory);
}
