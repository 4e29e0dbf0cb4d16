import type { ParameterSpec, Parameters, ParameterType, ParameterValue } from './parameter-spec.ts';

/** One parameter after resolution. */
export interface ResolvedParameter {
  readonly spec: ParameterSpec;
  readonly value: ParameterValue | undefined;
  /** Whether the user wrote it. */
  readonly given: boolean;
  /** Whether the value must never be shown: the spec says so, or a secret was put into the text. */
  readonly hidden: boolean;
}

const HIDDEN = '***';

/**
 * Holds resolved parameters in a private field, so that no serialiser, inspector or spread meets a secret by accident.
 */
export class ResolvedParameters implements Parameters {
  readonly #byName: ReadonlyMap<string, ResolvedParameter>;

  constructor(parameters: Iterable<ResolvedParameter>) {
    this.#byName = new Map(Array.from(parameters, (parameter) => [parameter.spec.name, parameter]));
  }

  get(name: string): ParameterValue | undefined {
    return this.#find(name).value;
  }

  string(name: string): string | undefined {
    return this.#read(name, ['string', 'url']) as string | undefined;
  }

  number(name: string): number | undefined {
    return this.#read(name, ['integer', 'number', 'duration', 'bytes']) as number | undefined;
  }

  boolean(name: string): boolean | undefined {
    return this.#read(name, ['boolean']) as boolean | undefined;
  }

  has(name: string): boolean {
    return this.#find(name).given;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const shown = Array.from(this.#byName.values())
      .filter(({ value }) => value !== undefined)
      .map((parameter): [string, unknown] => [parameter.spec.name, shownValue(parameter)]);
    return Object.fromEntries(shown);
  }

  toString(): string {
    return JSON.stringify(this);
  }

  #find(name: string): ResolvedParameter {
    const parameter = this.#byName.get(name);
    if (parameter === undefined) throw new TypeError(`there is no parameter specification named ${name}`);
    return parameter;
  }

  #read(name: string, types: readonly ParameterType[]): ParameterValue | undefined {
    const { spec, value } = this.#find(name);
    if (!types.includes(spec.type)) throw new TypeError(`parameter ${name} is of type ${spec.type}`);
    return value;
  }
}

// Node's inspector, console included, shows what this returns; the symbol is public, so core needs no import for it.
Object.defineProperty(ResolvedParameters.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: ResolvedParameters) {
    return this.toJSON();
  },
});

function shownValue({ spec, value, hidden }: ResolvedParameter): unknown {
  if (hidden) return HIDDEN;
  return spec.type === 'url' ? withoutCredentials(String(value)) : value;
}

/** A URL may carry user and password in front of the host; neither is ever shown. */
function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  if (parsed.username === '' && parsed.password === '') return url;
  parsed.username = HIDDEN;
  parsed.password = '';
  return parsed.href;
}
