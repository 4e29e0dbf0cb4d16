/** Says that a value exists which the column's type cannot hold, in words without the value itself; never returns. */
export type ReportUnfit = (what: string) => never;
