import { inspect } from 'node:util';
import type { GivenParameter } from '@millrace/core';
import { resolveSecrets, type SecretResolution } from '../secrets/resolve-secrets.ts';
import { REDACTED } from '../secrets/secret-redactor.ts';
import type { ConfigContext } from './config-context.ts';
import { type ConfigNode, type ConfigPath, nodeAt } from './config-node.ts';
import { placeOf } from './config-place.ts';

/**
 * Reads the parameters at the path, which may be absent or empty.
 *
 * A scalar gives its source text (`0123` stays `0123`, `1e3` stays `1e3`), a list or a map its JSON text. References
 * to secrets are substituted; a text that held one is flagged.
 */
export function resolveParams(context: ConfigContext, path: ConfigPath): ReadonlyMap<string, GivenParameter> {
  const params = new Map<string, GivenParameter>();
  const node = nodeAt(context.root, path);
  for (const { key, location, value } of node?.kind === 'map' ? node.entries : []) {
    const place = placeOf(context.root, [...path, key]);
    if (value.kind === 'scalar' && value.value === null) {
      const hint = 'Leave it out, or put the text in quotes';
      context.report.problem({ ...place, code: 'invalid_config', message: `parameter ${key} has no value`, hint });
      continue;
    }
    const text = new ParameterText(context).read(value);
    if (text.kind === 'failed') {
      const { code, reason, hint } = text;
      context.report.problem({ ...place, code, message: `parameter ${key}: ${reason}`, hint });
      continue;
    }
    const given: GivenParameter = { text: text.text, ...(location ? { location } : {}) };
    params.set(key, text.containsSecret ? hideText({ ...given, containsSecret: true }) : given);
  }
  return params;
}

/** Keeps the text out of `JSON.stringify` and `util.inspect`, by which a configuration gets into logs. */
function hideText(given: GivenParameter): GivenParameter {
  const shown = { ...given, text: REDACTED };
  return Object.defineProperties(given, {
    toJSON: { value: () => shown },
    [inspect.custom]: { value: () => shown },
  });
}

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Turns one parameter's node into text and remembers the first thing that failed. */
class ParameterText {
  readonly #context: ConfigContext;
  #failure: Extract<SecretResolution, { kind: 'failed' }> | undefined;
  #containsSecret = false;

  constructor(context: ConfigContext) {
    this.#context = context;
  }

  read(node: ConfigNode): SecretResolution {
    const text = node.kind === 'scalar' ? this.#substitute(node.text) : this.#toJson(node);
    return this.#failure ?? { kind: 'resolved', text, containsSecret: this.#containsSecret };
  }

  #substitute(text: string): string {
    const resolution = resolveSecrets(text, this.#context.secrets);
    if (resolution.kind === 'failed') {
      this.#failure ??= resolution;
      return '';
    }
    this.#containsSecret ||= resolution.containsSecret;
    return resolution.text;
  }

  /**
   * Numbers keep their digits; one that JSON cannot write so (`0123`, `.5`, `0x1F`) becomes a string of its source
   * text.
   */
  #toJson(node: ConfigNode): string {
    if (node.kind === 'list') return `[${node.items.map((item) => this.#toJson(item)).join(',')}]`;
    if (node.kind === 'map') {
      return `{${node.entries.map(({ key, value }) => `${JSON.stringify(key)}:${this.#toJson(value)}`).join(',')}}`;
    }
    if (node.value === null || typeof node.value === 'boolean') return String(node.value);
    if (typeof node.value !== 'string' && JSON_NUMBER.test(node.text)) return node.text;
    return JSON.stringify(this.#substitute(node.text));
  }
}
