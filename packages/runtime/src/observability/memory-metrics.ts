import type { ComponentMemory, MemoryStatus } from '../memory/memory-status.ts';
import type { MetricFamily } from './metric-family.ts';

/** The memory of a runtime as metrics. What engines use is what they said when they were asked last. */
export function memoryMetrics({ limitBytes, refusalCount, components }: MemoryStatus): readonly MetricFamily[] {
  return [
    gauge('memory_limit_bytes', 'Bytes that all engines and copies may hold together.', [
      { labels: {}, value: limitBytes },
    ]),
    perComponent(components, {
      name: 'memory_reserved_bytes',
      help: 'Bytes of the limit that are set aside for a component: the limit of an engine, or what it holds.',
      valueIn: ({ reservedBytes }) => reservedBytes,
    }),
    perComponent(components, {
      name: 'memory_used_bytes',
      help: 'Bytes that a component held when it was asked last.',
      valueIn: ({ usedBytes }) => usedBytes,
    }),
    perComponent(components, {
      name: 'memory_spilled_bytes',
      help: 'Bytes of a component that were in temporary files for want of memory when it was asked last.',
      valueIn: ({ spilledBytes }) => spilledBytes,
    }),
    {
      name: 'memory_refusals',
      help: 'Requests for memory that were refused as the limit left too little.',
      kind: 'counter',
      samples: [{ labels: {}, value: refusalCount }],
    },
  ];
}

interface ComponentGauge {
  readonly name: string;
  readonly help: string;
  readonly valueIn: (component: ComponentMemory) => number;
}

function perComponent(components: readonly ComponentMemory[], { name, help, valueIn }: ComponentGauge): MetricFamily {
  return gauge(
    name,
    help,
    components.map((each) => ({ labels: { component: each.component }, value: valueIn(each) })),
  );
}

function gauge(
  name: string,
  help: string,
  samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[],
): MetricFamily {
  return { name, help, kind: 'gauge', samples };
}
