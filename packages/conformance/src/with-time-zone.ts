/** The zones under which times are checked: none, one with summer time, one with an odd offset. */
export const TIME_ZONES: readonly string[] = ['UTC', 'America/New_York', 'Asia/Kathmandu'];

/**
 * Runs with another zone of the process. Threads that are started meanwhile have it too; those that run already may keep theirs.
 *
 * @throws TypeError for a zone that the process does not take.
 */
export async function withTimeZone<T>(timeZone: string, run: () => Promise<T>): Promise<T> {
  const before = process.env.TZ;
  process.env.TZ = timeZone;
  try {
    const moment = new Date(Date.UTC(2024, 6, 1));
    const hour = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en', options).format(moment);
    if (hour({ hour: 'numeric', minute: 'numeric' }) !== hour({ hour: 'numeric', minute: 'numeric', timeZone }))
      throw new TypeError(`the process does not take the time zone ${timeZone}`);
    return await run();
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
}
