import {
  type ConnectorPlugin,
  type DataConnector,
  isMillraceError,
  MillraceError,
  type ParameterSpec,
} from '@millrace/core';
import { connectorMutant, type Mutant, scanMutant, streamMutant, tableMutant } from './mutate.ts';

/** A plugin whose parameters are others from the second look on. */
function forgetful(change: (specs: readonly ParameterSpec[]) => readonly ParameterSpec[]): Mutant['mutate'] {
  return (plugin): ConnectorPlugin => {
    let looks = 0;
    return {
      ...plugin,
      get parameters() {
        looks += 1;
        return looks === 1 ? plugin.parameters : change(plugin.parameters);
      },
    };
  };
}

/** Gives an error another code. */
function recode(error: unknown, from: string, to: MillraceError['code']): unknown {
  if (!isMillraceError(error) || error.code !== from) return error;
  return new MillraceError({ code: to, component: 'mutant', message: error.reason });
}

function streamErrorMutant(name: string, found: string, change: (error: unknown) => unknown): Mutant {
  return streamMutant(name, [found], async function* (open, { context }) {
    try {
      yield* open(context);
    } catch (error) {
      const changed = change(error);
      if (changed !== undefined) throw changed;
    }
  });
}

function openErrorMutant(name: string, found: string, change: (error: unknown) => unknown): Mutant {
  return connectorMutant(name, [found], (connector) => ({
    ...connector,
    readProvider: (dataset, context) =>
      connector.readProvider(dataset, context).catch((error: unknown) => {
        throw change(error);
      }),
  }));
}

function closeMutant(name: string, found: string, close: (connector: DataConnector) => () => Promise<void>): Mutant {
  return connectorMutant(name, [found], (connector) => {
    const closing = close(connector);
    return { ...connector, close: closing, [Symbol.asyncDispose]: closing };
  });
}

/** Connectors that open, close, fail and cancel in wrong ways. */
export const CONNECTOR_MUTANTS: readonly Mutant[] = [
  {
    name: 'describes a parameter with nothing',
    found: ['identity/factory-describes-itself'],
    mutate: (plugin) => ({ ...plugin, parameters: plugin.parameters.map((spec) => ({ ...spec, description: '' })) }),
  },
  {
    name: 'has a password that is no secret',
    found: ['identity/factory-describes-itself'],
    mutate: (plugin) => ({ ...plugin, parameters: plugin.parameters.map(({ secret: _, ...spec }) => spec) }),
  },
  {
    name: 'does not insist on what it requires',
    found: ['identity/missing-parameter'],
    mutate: forgetful((specs) => specs.map((spec) => ({ ...spec, required: false }))),
  },
  {
    name: 'takes any parameter',
    found: ['identity/unknown-parameter'],
    mutate: forgetful((specs) => [...specs, { ...specs[0]!, required: false, name: 'hosq' }]),
  },
  {
    name: 'takes any text for every parameter',
    found: ['identity/invalid-parameter'],
    mutate: forgetful((specs) => specs.map(({ oneOf: _, ...spec }) => ({ ...spec, type: 'string' }))),
  },
  scanMutant('explains with the password', ['identity/secrets-stay-secret'], async (table, request, context) => {
    const plan = await table.scan(request, context);
    return { ...plan, explain: () => ({ source: 'model at canary-password@here' }) };
  }),
  openErrorMutant('calls a refused login an input error', 'identity/wrong-password', (error) =>
    recode(error, 'unauthenticated', 'io'),
  ),
  streamErrorMutant('calls a missing privilege an input error', 'identity/missing-privilege', (error) =>
    recode(error, 'unauthorized', 'io'),
  ),
  openErrorMutant('calls a server that is away final', 'identity/unreachable', (error) =>
    recode(error, 'unavailable', 'unavailable'),
  ),
  connectorMutant('keeps a connection when it is closed', ['identity/close-releases'], (connector, remote) => ({
    ...connector,
    readProvider(dataset, context) {
      remote.connections.add({ isBroken: false });
      return connector.readProvider(dataset, context);
    },
  })),
  closeMutant('fails when it is closed twice', 'identity/close-twice', (connector) => {
    let isClosed = false;
    return async () => {
      if (isClosed) throw new TypeError('closed already');
      isClosed = true;
      await connector.close();
    };
  }),
  closeMutant('works on after it was closed', 'identity/close-twice', () => async () => {}),
  streamErrorMutant('ends scans normally when it is closed', 'identity/close-during-scan', (error) =>
    isMillraceError(error) && error.code === 'invalid_state' ? undefined : error,
  ),
  sharedCloseMutant(),
  {
    name: 'connects although nobody waits',
    found: ['identity/create-is-cheap'],
    mutate: (plugin, remote) => ({
      ...plugin,
      create(parameters, context) {
        remote.log.push('CONNECT');
        return plugin.create(parameters, context);
      },
    }),
  },
  ignoringAborts(),
  cancellingLate(),
  streamErrorMutant('calls a time limit an input error', 'faults/time-limits', (error) =>
    recode(error, 'timeout', 'io'),
  ),
  streamErrorMutant('takes the end of a socket for the end of the rows', 'faults/lost-connections', (error) =>
    isMillraceError(error) && error.code === 'io' ? undefined : error,
  ),
  streamErrorMutant('reads what it can of damaged data', 'faults/damaged-data', (error) =>
    isMillraceError(error) && error.code === 'invalid_data' ? undefined : error,
  ),
  streamErrorMutant('ends at an error as if all were read', 'faults/errors-midway', (error) =>
    isMillraceError(error) && error.code === 'invalid_data' ? undefined : error,
  ),
  streamMutant(
    'leaves a listener at the signal',
    ['faults/open-and-abort-cycles'],
    async function* (open, { context }) {
      context.signal.addEventListener('abort', () => {});
      yield* open(context);
    },
  ),
  streamMutant(
    'forgets a promise',
    ['faults/no-unhandled-rejections', 'scan/all-rows'].slice(0, 1),
    async function* (open, { context }) {
      void Promise.reject(new Error('nobody listens'));
      yield* open(context);
    },
  ),
  tableMutant(
    'offers a native relation that it does not declare',
    ['catalog/native-relation-matches-capability'],
    (table) => ({
      ...table,
      nativeRelation: () => undefined,
    }),
  ),
  connectorMutant('has a change log that it does not declare', ['catalog/methods-match-capabilities'], (connector) => ({
    ...connector,
    changesStream: () => Promise.reject(new TypeError('not written yet')),
  })),
];

function sharedCloseMutant(): Mutant {
  let isClosed = false;
  return connectorMutant('closes its pool for all', ['identity/instances-are-independent'], (connector) => ({
    ...connector,
    async close() {
      isClosed = true;
      await connector.close();
    },
    readProvider: async (dataset, context) => {
      const table = await connector.readProvider(dataset, context);
      return {
        ...table,
        scan(request, scan) {
          if (!isClosed) return table.scan(request, scan);
          throw new MillraceError({ code: 'invalid_state', component: 'mutant', message: 'the pool was closed' });
        },
      };
    },
  }));
}

function ignoringAborts(): Mutant {
  const found = ['faults/abort-before-reading', 'faults/abort-while-reading'];
  return streamMutant('ignores aborts', found, (open) => open({ signal: new AbortController().signal }));
}

function cancellingLate(): Mutant {
  let isPending = false;
  return streamMutant(
    'cancels whatever runs next on the connection',
    ['faults/healthy-after-aborts'],
    async function* (open, { context }) {
      const isHit = isPending;
      isPending = false;
      if (isHit) throw new MillraceError({ code: 'cancelled', component: 'mutant', message: 'cancelled' });
      try {
        yield* open(context);
      } finally {
        if (context.signal.aborted) isPending = true;
      }
    },
  );
}
