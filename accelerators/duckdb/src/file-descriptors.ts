import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

/** Links to what the process has open, on Linux. */
const OWN_DESCRIPTORS = '/proc/self/fd';
/** How often it is asked whether a file that was let go is still open. */
const RELEASE_MS = 250;

/** A descriptor, and which file it is of: another one may come into its place. */
export interface FileDescriptor {
  readonly handle: FileHandle;
  readonly identity: string;
}

interface HeldFile {
  userCount: number;
  descriptor: FileDescriptor | undefined;
  /** Opens and closes its descriptor one after the other; never rejects. */
  turn: Promise<unknown>;
  retry: NodeJS.Timeout | undefined;
}

/**
 * One descriptor for each file, which stays open as long as the file is: to close any descriptor of a file gives up all locks that the process
 * has on it.
 */
const files = new Map<string, HeldFile>();

/** Says that a database is about to be opened; ends with {@link letFileGo}. Whoever let it go has closed its descriptor by then, or never will. */
export async function holdFile(file: string): Promise<void> {
  const held = heldFile(file);
  held.userCount += 1;
  await held.turn;
}

/** Gives the descriptor of a file that is held, which is opened once. @throws Error of Node's where it cannot be opened. */
export function descriptorOf(file: string): Promise<FileDescriptor> {
  const held = files.get(file);
  if (held === undefined) throw new TypeError(`the file ${file} is not held`);
  return inTurn(held, async () => {
    const identity = await identityOf(file);
    const known = held.descriptor;
    if (known?.identity === identity) return known;
    // Another file has come into its place, so that nothing holds a lock on the one that was there.
    held.descriptor = undefined;
    await known?.handle.close();
    const opened = { handle: await open(file, 'r'), identity };
    held.descriptor = opened;
    return opened;
  });
}

/** Says that a database was closed. When its last user has, its descriptor is closed as soon as no statement has it open any more. */
export async function letFileGo(file: string): Promise<void> {
  const held = files.get(file);
  if (held === undefined) return;
  held.userCount -= 1;
  await inTurn(held, () => closeUnused(file, held));
}

/** Removes a file unless it is held; whoever wants to hold it meanwhile waits until it is gone. */
export async function removeUnheld(file: string, remove: () => Promise<void>): Promise<void> {
  const held = heldFile(file);
  await inTurn(held, async () => {
    if (held.userCount > 0) return;
    await remove();
    await close(file, held);
  });
}

function heldFile(file: string): HeldFile {
  const held = files.get(file) ?? { userCount: 0, descriptor: undefined, turn: Promise.resolve(), retry: undefined };
  files.set(file, held);
  return held;
}

async function closeUnused(file: string, held: HeldFile): Promise<void> {
  clearTimeout(held.retry);
  if (held.userCount > 0) return;
  if (held.descriptor !== undefined && isOpenElsewhere(file, held.descriptor.handle.fd)) {
    // Until then the lock is needed.
    const tryAgain = () => inTurn(held, () => closeUnused(file, held)).catch(() => undefined);
    held.retry = setTimeout(() => void tryAgain(), RELEASE_MS).unref();
    return;
  }
  await close(file, held);
}

async function close(file: string, held: HeldFile): Promise<void> {
  clearTimeout(held.retry);
  const { descriptor } = held;
  held.descriptor = undefined;
  await descriptor?.handle.close();
  if (held.userCount === 0 && files.get(file) === held) files.delete(file);
}

function inTurn<T>(held: HeldFile, work: () => Promise<T>): Promise<T> {
  const done = held.turn.then(work);
  held.turn = done.catch(() => undefined);
  return done;
}

/** Whether this process has another descriptor of the file; where the system does not tell, it is taken to have none. */
function isOpenElsewhere(file: string, own: number): boolean {
  return ownDescriptors().some((name) => {
    if (Number(name) === own) return false;
    try {
      return readlinkSync(`${OWN_DESCRIPTORS}/${name}`) === file;
    } catch {
      return false;
    }
  });
}

function ownDescriptors(): readonly string[] {
  return existsSync(OWN_DESCRIPTORS) ? readdirSync(OWN_DESCRIPTORS) : [];
}

async function identityOf(file: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(file, { bigint: true });
  return `${ino} ${birthtimeNs}`;
}
