import type { BuildValue } from '@millrace/arrow';
import { dataTypes, type Field, field } from '@millrace/core';
import { required } from '../data/small-tables.ts';

/** The columns of a table of events: a number, a moment that may be missing, a text that may be missing. */
export const EVENT_FIELDS: readonly Field[] = [
  required('id', dataTypes.int64()),
  field('at', dataTypes.timestamp()),
  field('text', dataTypes.utf8()),
];

/** 2024-01-01T00:00:00 in microseconds; events are counted in seconds from here. */
const START = 1_704_067_200_000_000n;

/** A moment so many seconds after the first. */
export function moment(seconds: number): bigint {
  return START + BigInt(seconds) * 1_000_000n;
}

/** One event; without seconds its moment is missing. */
export function event(id: number, seconds: number | null, text: string | null = `event ${id}`): readonly BuildValue[] {
  return [BigInt(id), seconds === null ? null : moment(seconds), text];
}

/** Events with numbers from 0 on, whose texts name their version, so that rows of two versions never look alike. */
export function versionOf(version: number, count: number): (readonly BuildValue[])[] {
  return Array.from({ length: count }, (_, id) => event(id, id % 100 === 0 ? null : id, `version ${version}`));
}
