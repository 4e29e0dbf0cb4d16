/** What stands where a secret was. */
export const REDACTED = '***';

const MIN_SECRET_LENGTH = 3;
const MIN_ANYWHERE_LENGTH = 8;
const MIN_LINE_LENGTH = 8;

/**
 * Knows secret values and takes them out of texts: the last line of defence of logger, errors, explain and status.
 *
 * A value is also found as it looks inside JSON, a URL, an SQL literal and base64, and line by line if it has several.
 * Values of 3 to 7 characters are replaced only where no letter or digit touches them, and shorter ones not at all: a
 * port of `80` would otherwise blot out half of every log.
 */
export class SecretRedactor {
  readonly #needles = new Set<string>();
  #pattern: RegExp | undefined;

  /** Makes a value known; from now on {@link redact} replaces it. Adding it again changes nothing. */
  add(value: string): void {
    if (value.length < MIN_SECRET_LENGTH) return;
    const lines = value.split(/\r?\n/);
    const pieces = lines.length > 1 ? lines.filter((line) => line.length >= MIN_LINE_LENGTH) : [];
    for (const needle of [...appearances(value), ...pieces]) this.#needles.add(needle);
    this.#pattern = undefined;
  }

  /** The text with every known secret replaced by `***`. */
  redact(text: string): string {
    if (this.#needles.size === 0) return text;
    this.#pattern ??= toPattern(this.#needles);
    return text.replace(this.#pattern, REDACTED);
  }
}

function appearances(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(bytes.toString('utf8')),
    value.replaceAll("'", "''"),
    ...(value.length >= MIN_ANYWHERE_LENGTH ? [bytes.toString('base64').replace(/=+$/, '')] : []),
  ];
}

function toPattern(needles: ReadonlySet<string>): RegExp {
  // Longest first: of two secrets that start alike, the longer one must not leave its tail behind.
  const alternatives = [...needles].sort((a, b) => b.length - a.length).map(toAlternative);
  return new RegExp(alternatives.join('|'), 'g');
}

function toAlternative(needle: string): string {
  const escaped = needle.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return needle.length >= MIN_ANYWHERE_LENGTH ? escaped : `(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`;
}
