const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:([T ])(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/**
 * The form of an ISO 8601 text: what has to be equal for texts to sort as the times that they are. `day` alone, or with the letter
 * between date and time, the fields behind the hour, the digits of the fraction and the zone as written.
 */
interface IsoForm {
  readonly separator: string;
  readonly hasSeconds: boolean;
  readonly fractionDigits: number;
  readonly zone: string;
}

/** An ISO 8601 text that was read. */
interface IsoTime extends IsoForm {
  /** Milliseconds since 1970-01-01 on the clock of the text's own zone; the fraction below is cut off. */
  readonly clockMs: number;
}

/** Tells the form of an ISO 8601 date or time; undefined for any other text. Two texts with one form sort as their times do. */
export function isoFormOf(text: string): string | undefined {
  const time = readIso(text);
  if (!time) return undefined;
  const { separator, hasSeconds, fractionDigits, zone } = time;
  return JSON.stringify([separator, hasSeconds, fractionDigits, zone]);
}

/** The text of a time that is so many milliseconds earlier, in the same form, rounded down. */
export function isoMinus(text: string, durationMs: number): string | undefined {
  const time = readIso(text);
  if (!time) return undefined;
  if (durationMs === 0) return text;
  return writeIso(Math.floor(time.clockMs - durationMs), time);
}

/** The text of an instant in the form of another text, rounded down; a form without a zone has the clock of UTC. */
export function isoAt(instantMs: number, like: string): string | undefined {
  const form = readIso(like);
  return form && writeIso(instantMs + offsetMs(form.zone), form);
}

/** The instant of a text in milliseconds since 1970-01-01 UTC; without a zone it has the clock of UTC. Undefined for any other text. */
export function isoInstant(text: string): number | undefined {
  const time = readIso(text);
  return time && time.clockMs - offsetMs(time.zone);
}

function readIso(text: string): IsoTime | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year, month, day, separator = '', hour = '0', minute = '0', second, fraction = '', zone = ''] = match;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const fields = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second ?? 0)];
  // `Date.UTC` takes the years before 100 for others.
  const date = new Date(0);
  date.setUTCFullYear(fields[0]!, fields[1]!, fields[2]!);
  date.setUTCHours(fields[3]!, fields[4]!, fields[5]!, milliseconds);
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > 31) return undefined;
  return {
    clockMs: date.getTime(),
    separator,
    hasSeconds: second !== undefined,
    fractionDigits: fraction.length,
    zone,
  };
}

function writeIso(clockMs: number, { separator, hasSeconds, fractionDigits, zone }: IsoForm): string | undefined {
  const date = new Date(clockMs);
  const year = Number.isNaN(date.getTime()) ? -1 : date.getUTCFullYear();
  // Beyond these years the text has another form; every text of this form is at or above the first of them.
  if (year < 0)
    return writeIso(Date.UTC(2000, 0, 1), { separator, hasSeconds, fractionDigits, zone })?.replace('2000', '0000');
  if (year > 9999) return undefined;
  const text = date.toISOString();
  if (separator === '') return text.slice(0, 10);
  const seconds = hasSeconds ? text.slice(16, 19) : '';
  const fraction =
    fractionDigits === 0 ? '' : `.${text.slice(20, 23).padEnd(fractionDigits, '0').slice(0, fractionDigits)}`;
  return `${text.slice(0, 10)}${separator}${text.slice(11, 16)}${seconds}${fraction}${zone}`;
}

function offsetMs(zone: string): number {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}
