import { isMillraceError, MillraceError, nearestName } from '@millrace/core';
import { createStatementInspector, type PlaceTable, type StatementInspector, type TableName } from '@millrace/duckdb';
import { planViews } from '../datasets/plan-views.ts';
import { formatTableName, tableKey } from '../query/engine-table.ts';
import { fromEngineSchema, placeTablesOf } from '../query/table-finder.ts';
import type { Located, ResolvedConfig } from './config-model.ts';

/** A statement of a configuration, and what it may name. */
interface ConfiguredSql {
  readonly entry: Located;
  /** `view totals`. */
  readonly component: string;
  readonly field: string;
  readonly sql: string;
  /** Whether the text is the field's own, so that lines and columns are those of the field. */
  readonly isWhole: boolean;
  /** What it reads beside the dataset is a mistake; undefined where it may read everything. */
  readonly dataset?: TableName;
}

/**
 * Checks the SQL of a configuration as far as that is possible without a connection: that of views, `refresh_sql`, and the condition of
 * `retention_sql` are parsed by DuckDB, may do nothing but read, name what the configuration has, and views do not go round in a circle. Columns
 * and types are the sources' to tell.
 *
 * @returns what is wrong, each with its place: the line of the statement where its text stands in the file as it is.
 */
export async function checkConfigSql(config: ResolvedConfig): Promise<readonly MillraceError[]> {
  await using inspector = await createStatementInspector();
  const catalogs = config.catalogs.map(({ name }) => ({ name, tables: [] }));
  const place = placeTablesOf(catalogs);
  const known = [...config.datasets, ...config.views].map(({ name }) => name);
  const keys = new Set(known.map(tableKey));
  const isKnown = (name: TableName): boolean =>
    keys.has(tableKey(name)) || fromEngineSchema(name, catalogs) !== undefined;
  const problems: MillraceError[] = [];
  const namesOfViews = new Map<string, readonly TableName[]>();
  for (const statement of statementsOf(config)) {
    const found = await inspect(inspector, statement, place);
    if (isMillraceError(found)) {
      problems.push(found);
      continue;
    }
    namesOfViews.set(statement.sql, found);
    const { dataset } = statement;
    const unknown = found.find((name) => (dataset ? tableKey(name) !== tableKey(dataset) : !isKnown(name)));
    if (unknown) problems.push(unknownError(statement, unknown, known.map(formatTableName)));
  }
  if (problems.length > 0) return problems;
  try {
    await planViews(config.views, async (sql) => namesOfViews.get(sql) ?? []);
    return [];
  } catch (error) {
    if (isMillraceError(error)) return [error];
    throw error;
  }
}

function statementsOf({ datasets, views }: ResolvedConfig): readonly ConfiguredSql[] {
  return [
    ...datasets.flatMap((entry): readonly ConfiguredSql[] => {
      const { name, acceleration } = entry;
      const dataset: TableName = name.schemaName === undefined ? { table: name.table } : { ...name };
      const shared = { entry, component: `dataset ${name.text}`, dataset };
      const condition = acceleration?.retention?.condition;
      return [
        ...(acceleration?.refreshSql === undefined
          ? []
          : [{ ...shared, field: 'acceleration.refresh_sql', sql: acceleration.refreshSql, isWhole: true }]),
        ...(condition === undefined
          ? []
          : [
              {
                ...shared,
                field: 'acceleration.retention_sql',
                sql: `SELECT 1 WHERE (${condition}\n)`,
                isWhole: false,
              },
            ]),
      ];
    }),
    ...views.map((entry) => {
      return { entry, component: `view ${entry.name.text}`, field: 'sql', sql: entry.sql, isWhole: true };
    }),
  ];
}

/** The tables that a statement names, or what is wrong with it. */
async function inspect(
  inspector: StatementInspector,
  statement: ConfiguredSql,
  place: PlaceTable | undefined,
): Promise<readonly TableName[] | MillraceError> {
  try {
    const { kind, tables } = await inspector.inspect(statement.sql, place);
    if (kind === 'query') return tables;
    return problem(statement, { code: 'sql_refused', message: `it has to be a SELECT, not ${kind}` });
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    const { code, reason, hint, location } = error;
    return problem(statement, { code, message: reason, hint, at: location, cause: error });
  }
}

function unknownError(statement: ConfiguredSql, name: TableName, known: readonly string[]): MillraceError {
  const text = formatTableName(name);
  if (statement.dataset)
    return problem(statement, {
      code: 'invalid_config',
      message: `it reads ${text}`,
      hint: `It is a statement over ${formatTableName(statement.dataset)} alone`,
    });
  const nearest = nearestName(text, known);
  const hint = nearest === undefined ? `Known: ${known.join(', ') || 'nothing'}` : `Did you mean ${nearest}?`;
  return problem(statement, { code: 'unknown_table', message: `there is no dataset or view ${text}`, hint });
}

function problem(
  { entry, component, field, isWhole }: ConfiguredSql,
  found: Pick<MillraceError, 'code'> & {
    readonly message: string;
    readonly hint?: string | undefined;
    readonly at?: MillraceError['location'];
    readonly cause?: unknown;
  },
): MillraceError {
  const { code, message, hint, at, cause } = found;
  const location = entry.location(field, isWhole && at ? { line: at.line, column: at.column } : undefined);
  return new MillraceError({
    code,
    component,
    message: field === 'sql' ? message : `\`${field}\`: ${message}`,
    ...(hint === undefined ? {} : { hint }),
    ...(location ? { location } : {}),
    ...(cause === undefined ? {} : { cause }),
  });
}
