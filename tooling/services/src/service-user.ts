/** The ids that a server process runs under; empty where it runs as the current user. */
export interface ServiceUser {
  readonly uid?: number;
  readonly gid?: number;
}

const NOBODY = 65_534;

/** Database servers refuse to run as root: root spawns them as nobody (65534), everybody else as themselves. */
export function serviceUser(): ServiceUser {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}
