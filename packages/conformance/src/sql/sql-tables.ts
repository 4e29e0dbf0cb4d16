import { BIG } from '../data/large-tables.ts';
import { DUPLICATES, EMPTY, GUARDED, NATION, NULLS, ORDERS, REGION } from '../data/small-tables.ts';
import { TEXTS } from '../data/text-values.ts';
import type { TableSpec } from '../fixture.ts';

/** The tables that the statements are about. */
export const SQL_TABLES: readonly TableSpec[] = [REGION, NATION, ORDERS, DUPLICATES, EMPTY, NULLS, TEXTS, GUARDED, BIG];
