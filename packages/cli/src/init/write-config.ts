/** What a new configuration says. */
export interface NewConfig {
  readonly name: string;
  /** Data files as paths from the configuration, with `/`. */
  readonly files: readonly string[];
  /** Absent: every query reads the files. */
  readonly acceleration?: { readonly engine: string; readonly mode: 'memory' | 'file' };
}

/** The text of a `millrace.yaml`; `names` are those of the datasets, in the order of the files. */
export function writeConfig({ name, files, acceleration }: NewConfig, names: readonly string[]): string {
  const head = `version: v1\nname: ${scalar(name)}\n`;
  if (files.length === 0) return `${head}\n${EXAMPLE}`;
  const block =
    acceleration === undefined
      ? ''
      : `    acceleration:\n      engine: ${acceleration.engine}\n      mode: ${acceleration.mode}\n`;
  const datasets = files.map(
    (file, index) => `  - from: ${scalar(`file:${file}`)}\n    name: ${names[index]}\n${block}`,
  );
  return `${head}\ndatasets:\n${datasets.join('')}`;
}

const EXAMPLE = `# A dataset is a table of some source under a name of its own:
#
# datasets:
#   - from: file:data/orders.csv
#     name: orders
datasets: []
`;

/** Texts that YAML would read as something else stand in quotes, in which JSON's escapes hold. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z][\w./-]*(:[\w./-]+)?$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
