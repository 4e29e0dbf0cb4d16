import { isAbsolute, join, resolve } from 'node:path';
import { type AcceleratorContext, type CreateTableCommand, datasetComponent, type Parameters } from '@millrace/core';
import { createRefuse } from './refuse.ts';

/** Where an accelerator keeps the files of its datasets. */
export interface FilePlaceParts {
  /** They have a parameter `file`. */
  readonly parameters: Parameters;
  readonly context: AcceleratorContext;
  /** Id of the accelerator, which is the prefix of its parameters too. */
  readonly connector: string;
  /** Of files that the user did not name; with the dot. */
  readonly extension: string;
}

/** What decides which file a dataset has. */
export type FileCommand = Pick<CreateTableCommand, 'name' | 'mode' | 'label'>;

/** The file of a dataset: the one that its user named, or one of its own in the data directory. */
export class FilePlace {
  readonly #parts: FilePlaceParts;

  constructor(parts: FilePlaceParts) {
    this.#parts = parts;
  }

  /** Whether the user named the file: then others may keep things in there, and it is not this dataset's to remove. */
  get isNamed(): boolean {
    return this.#parts.parameters.has('file');
  }

  /** The absolute path; undefined in memory mode. */
  pathOf(command: FileCommand): string | undefined {
    if (command.mode === 'memory') return undefined;
    const { parameters, extension } = this.#parts;
    const { dataDirectory, baseDirectory } = this.#parts.context;
    const given = parameters.string('file');
    if (given === undefined) return join(dataDirectory, `${fileName(command)}${extension}`);
    return isAbsolute(given) ? given : resolve(baseDirectory, given);
  }

  /** @throws MillraceError `invalid_config` for a file that is named in memory mode. */
  requireFileMode(command: FileCommand): void {
    if (command.mode !== 'memory' || !this.isNamed) return;
    const { connector } = this.#parts;
    throw createRefuse({ component: datasetComponent(command), connector })(
      'invalid_config',
      `${connector}_file is set, and the mode is memory`,
      `Set acceleration.mode to file, or leave ${connector}_file out`,
    );
  }
}

/** A name that every file system takes; two datasets that come to one share the file without harm. */
function fileName({ name: { schemaName, table } }: FileCommand): string {
  const name = schemaName === undefined ? table : `${schemaName}.${table}`;
  return name.replace(/[^\w.-]/gu, (character) => `%${character.codePointAt(0)!.toString(16)}`).slice(0, 200);
}
