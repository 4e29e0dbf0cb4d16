import { type ErrorCode, MillraceError } from '@millrace/core';

/** Whom messages name. */
export interface Origin {
  /** The copy, as `datasetComponent` calls it. */
  readonly component: string;
  /** Id of the accelerator. */
  readonly connector: string;
}

/** Makes the error of a request that is refused; whoever calls throws it. */
export type Refuse = (code: ErrorCode, message: string, hint: string) => MillraceError;

/** Creates what makes errors that name their origin. */
export function createRefuse({ component, connector }: Origin): Refuse {
  return (code, message, hint) => new MillraceError({ code, component, connector, message, hint });
}
