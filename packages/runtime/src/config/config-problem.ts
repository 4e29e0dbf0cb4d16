import { type ErrorCode, isMillraceError, MillraceError, type SourceLocation } from '@millrace/core';
import type { ConfigWarning } from './config-model.ts';

/** One thing that is wrong in a configuration. */
export interface ConfigProblem {
  readonly code: ErrorCode;
  /** What it concerns, for example `dataset orders`. Default `configuration`. */
  readonly component?: string;
  /** One sentence, without values from the configuration: any of them may be a secret in the wrong place. */
  readonly message: string;
  readonly hint?: string | undefined;
  readonly location?: SourceLocation | undefined;
  readonly cause?: unknown;
}

/** Takes up what is wrong or doubtful, so that the user hears of all of it at once. */
export class ConfigReport {
  readonly #problems: MillraceError[] = [];
  readonly #warnings: ConfigWarning[] = [];

  get warnings(): readonly ConfigWarning[] {
    return this.#warnings;
  }

  /** Adds a problem and goes on. */
  problem(problem: ConfigProblem): void {
    this.#problems.push(toError(problem));
  }

  warning(message: string, location: SourceLocation | undefined): void {
    this.#warnings.push(location ? { message, location } : { message });
  }

  /**
   * @throws MillraceError when there is a problem: the one there is, or one that lists them in the order of the file.
   */
  throwIfAny(): void {
    const found = this.#problems.toSorted(byLocation);
    // The YAML parser reports an unclosed bracket twice.
    const problems = found.filter(({ message }, index) => message !== found[index - 1]?.message);
    const [first] = problems;
    if (first === undefined) return;
    if (problems.length === 1) throw first;
    throw new MillraceError({
      code: problems.every((problem) => problem.code === first.code) ? first.code : 'invalid_config',
      component: 'configuration',
      message: `${problems.length} problems:\n${problems.map((problem) => `- ${problem.message}`).join('\n')}`,
      cause: new AggregateError(problems, `${problems.length} problems`),
    });
  }
}

/**
 * The problems that a failed load found, one by one; empty for an error that did not come from loading a
 * configuration.
 */
export function configProblems(error: unknown): readonly MillraceError[] {
  if (!isMillraceError(error)) return [];
  return error.cause instanceof AggregateError ? error.cause.errors.filter(isMillraceError) : [error];
}

/** The error of a single problem that leaves nothing more to look at. */
export function toError({ component = 'configuration', hint, location, ...rest }: ConfigProblem): MillraceError {
  return new MillraceError({ ...rest, component, ...(hint ? { hint } : {}), ...(location ? { location } : {}) });
}

function byLocation({ location: a }: MillraceError, { location: b }: MillraceError): number {
  if (!a || !b) return Number(b !== undefined) - Number(a !== undefined);
  return a.line - b.line || a.column - b.column;
}
