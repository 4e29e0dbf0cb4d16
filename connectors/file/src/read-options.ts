import { MillraceError, type Parameters } from '@millrace/core';

/** How the files of a dataset are to be read, as its parameters say. Absent members are found out. */
export interface ReadOptions {
  readonly compression: string;
  readonly hivePartitioning: boolean;
  readonly csv: CsvOptions;
  readonly json: JsonOptions;
}

export interface CsvOptions {
  readonly hasHeader: boolean | undefined;
  readonly delimiter: string | undefined;
  readonly quote: string | undefined;
  readonly escape: string | undefined;
  readonly comment: string | undefined;
  readonly skipLineCount: number | undefined;
  readonly nullValue: string | undefined;
  readonly encoding: string;
  readonly dateFormat: string | undefined;
  readonly timestampFormat: string | undefined;
  readonly decimalSeparator: string;
  readonly nullPadding: boolean;
  readonly unionByName: boolean;
  readonly maximumLineBytes: number | undefined;
  /** Rows from which types are inferred; -1 = all. */
  readonly sampleRowCount: number;
}

export interface JsonOptions {
  readonly format: string;
  readonly maximumObjectBytes: number;
  readonly dateFormat: string | undefined;
  readonly timestampFormat: string | undefined;
}

/**
 * Reads the options out of a dataset's parameters.
 * @throws MillraceError `invalid_parameter` for numbers out of range.
 */
export function readOptionsOf(parameters: Parameters, component: string): ReadOptions {
  const text = (name: string) => parameters.string(name);
  return {
    compression: text('compression_type') ?? 'auto',
    hivePartitioning: parameters.boolean('hive_partitioning_enabled') ?? false,
    csv: {
      hasHeader: parameters.boolean('csv_has_header'),
      delimiter: text('csv_delimiter'),
      quote: text('csv_quote'),
      escape: text('csv_escape'),
      comment: text('csv_comment'),
      skipLineCount: atLeast(0, parameters.number('csv_skip'), { name: 'csv_skip', component }),
      nullValue: text('csv_null_value'),
      encoding: text('csv_encoding') ?? 'utf-8',
      dateFormat: text('csv_date_format'),
      timestampFormat: text('csv_timestamp_format'),
      decimalSeparator: text('csv_decimal_separator') ?? '.',
      nullPadding: parameters.boolean('csv_null_padding') ?? false,
      unionByName: parameters.boolean('csv_union_by_name') ?? false,
      maximumLineBytes: atLeast(1, parameters.number('csv_maximum_line_size'), {
        name: 'csv_maximum_line_size',
        component,
      }),
      sampleRowCount:
        atLeast(1, parameters.number('csv_schema_infer_max_records'), {
          name: 'csv_schema_infer_max_records',
          component,
        }) ?? -1,
    },
    json: {
      format: text('json_format') ?? 'auto',
      maximumObjectBytes:
        atLeast(1, parameters.number('json_maximum_object_size'), { name: 'json_maximum_object_size', component }) ??
        16 * 2 ** 20,
      dateFormat: text('json_date_format'),
      timestampFormat: text('json_timestamp_format'),
    },
  };
}

function atLeast(
  minimum: number,
  value: number | undefined,
  { name, component }: { readonly name: string; readonly component: string },
): number | undefined {
  if (value === undefined || value >= minimum) return value;
  throw new MillraceError({
    code: 'invalid_parameter',
    component,
    connector: 'file',
    message: `parameter ${name} must be at least ${minimum}`,
  });
}
