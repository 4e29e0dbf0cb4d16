import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { serviceUser } from './service-user.ts';

/** Makes a directory that only the service user reads and writes (0700, or 0750 on request of a server); the parent exists. */
export function privateDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o700);
  const { uid, gid } = serviceUser();
  if (uid !== undefined && gid !== undefined) chownSync(directory, uid, gid);
  return directory;
}
