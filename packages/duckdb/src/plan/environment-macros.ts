/** A moment that no optimizer can know beforehand. */
const INSTANT = 'to_timestamp(random())';

const TEXT = 'CAST(random() AS VARCHAR)';

/** Body by name: of the function's own type, and volatile. */
const BODIES: Readonly<Record<string, string>> = {
  now: INSTANT,
  current_timestamp: INSTANT,
  get_current_timestamp: INSTANT,
  transaction_timestamp: INSTANT,
  current_date: `CAST(${INSTANT} AS DATE)`,
  today: `CAST(${INSTANT} AS DATE)`,
  current_time: `CAST(${INSTANT} AS TIMETZ)`,
  get_current_time: `CAST(${INSTANT} AS TIMETZ)`,
  localtime: `CAST(CAST(${INSTANT} AS TIMESTAMP) AS TIME)`,
  current_localtime: `CAST(CAST(${INSTANT} AS TIMESTAMP) AS TIME)`,
  localtimestamp: `CAST(${INSTANT} AS TIMESTAMP)`,
  current_localtimestamp: `CAST(${INSTANT} AS TIMESTAMP)`,
  current_database: TEXT,
  current_catalog: TEXT,
  current_schema: TEXT,
  txid_current: 'CAST(random() AS UBIGINT)',
};

/**
 * Statements that put macros before the functions of clock, catalog and transaction, for an instance that only plans.
 *
 * The planner folds such calls to constants of its own moment and its own catalog, which the executing transaction does not
 * share: `ts > now()` would lose rows. A volatile body folds to nothing, and no filter with it is pushed.
 */
export const ENVIRONMENT_MACROS: readonly string[] = [
  ...Object.entries(BODIES).map(([name, body]) => `CREATE MACRO ${name}() AS ${body}`),
  `CREATE MACRO current_schemas(implicit) AS [${TEXT}]`,
  `CREATE MACRO age(moment) AS system.main.age(CAST(${INSTANT} AS TIMESTAMP), moment),
    (later, earlier) AS system.main.age(later, earlier)`,
];

/** Functions of the session that no macro can stand for, because their type depends on the argument. */
export const SESSION_FUNCTIONS: ReadonlySet<string> = new Set(['current_setting', 'getvariable']);
