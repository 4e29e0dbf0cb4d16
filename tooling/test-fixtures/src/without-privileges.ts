/** Whom permissions stop. */
const NOBODY = 65_534;

/** Runs work as permissions apply to it: they do not stop root, which is somebody else for the time of the work. */
export async function withoutPrivileges<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
