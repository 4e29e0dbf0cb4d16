/** One line of a metric. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric as the text describes it. */
export interface ParsedFamily {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly ParsedSample[];
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;
const NUMBER = /^(?:NaN|[+-]Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

/**
 * Reads Prometheus' text format, version 0.0.4, and refuses what it does not allow: a metric without HELP and TYPE in front, one that comes
 * twice, a series that comes twice, a name or a number that is none, buckets that fall or do not end at infinity with the count.
 */
export function parsePrometheus(text: string): ReadonlyMap<string, ParsedFamily> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, ParsedFamily & { readonly samples: ParsedSample[] }>();
  const lines = text.split('\n').slice(0, -1);
  let current: { readonly name: string; readonly help: string } | undefined;
  let family: (ParsedFamily & { readonly samples: ParsedSample[] }) | undefined;
  for (const line of lines) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (families.has(name)) throw new Error(`${name} comes twice`);
      current = { name, help: withoutEscapes(rest, /\\[\\n]/g) };
      family = undefined;
    } else if (kind === 'TYPE') {
      if (current?.name !== name) throw new Error(`${name} has no HELP in front of its TYPE`);
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`${name} is a ${rest}`);
      family = { help: current.help, type: rest, samples: [] };
      families.set(name, family);
    } else {
      if (!family || !current) throw new Error(`no metric is described in front of: ${line}`);
      family.samples.push(parseSample(line, current.name, family.type));
    }
  }
  for (const [name, parsed] of families) check(name, parsed);
  return families;
}

function parseSample(line: string, family: string, type: string): ParsedSample {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  if (!suffixes.some((suffix) => name === `${family}${suffix}`)) throw new Error(`not of ${family}: ${line}`);
  if (!NUMBER.test(value)) throw new Error(`${value} is no number: ${line}`);
  return { name, labels: parseLabels(labels, line), value: Number(value.replace('Inf', 'Infinity')) };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  while (end < text.length) {
    const match = LABEL.exec(text);
    if (!match) throw new Error(`no label: ${line}`);
    const [, name = '', value = ''] = match;
    if (name in labels) throw new Error(`the label ${name} comes twice: ${line}`);
    labels[name] = withoutEscapes(value, /\\[\\"n]/g);
    end = LABEL.lastIndex;
  }
  return labels;
}

function withoutEscapes(text: string, escapes: RegExp): string {
  return text.replace(escapes, (pair) => (pair === '\\n' ? '\n' : pair.slice(1)));
}

function check(name: string, { type, samples }: ParsedFamily): void {
  if (samples.length === 0) throw new Error(`${name} has no series`);
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`the counter ${name} does not end in _total`);
  const keys = samples.map((sample) => JSON.stringify([sample.name, Object.entries(sample.labels).sort()]));
  if (new Set(keys).size < keys.length) throw new Error(`a series of ${name} comes twice`);
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} is below 0`);
  if (type === 'histogram') checkBuckets(name, samples);
}

function checkBuckets(name: string, samples: readonly ParsedSample[]): void {
  const series = new Map<string, ParsedSample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const members of series.values()) {
    const buckets = members.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')));
    const counts = buckets.map(({ value }) => value);
    const rises = (values: readonly number[], isStrict: boolean) =>
      values.every(
        (value, index) => index === 0 || (isStrict ? value > values[index - 1]! : value >= values[index - 1]!),
      );
    if (!rises(bounds, true) || !rises(counts, false)) throw new Error(`the buckets of ${name} do not rise`);
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`the buckets of ${name} do not end at infinity`);
    const count = members.find((sample) => sample.name === `${name}_count`)?.value;
    if (count === undefined || count !== counts.at(-1)) throw new Error(`the count of ${name} is not its last bucket`);
    if (!members.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name} has no sum`);
  }
}
