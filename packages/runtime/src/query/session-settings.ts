/**
 * Settings that change results, the same wherever a statement is planned or run: constants are folded while planning, so a
 * planner in another time zone would push other filters. `TimeZone` is fixed so that a result does not depend on the machine.
 */
export const SESSION_SETTINGS: Readonly<Record<string, string>> = { TimeZone: 'UTC' };
