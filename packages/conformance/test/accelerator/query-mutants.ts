import { MillraceError } from '@millrace/core';
import { type AcceleratorMutant, acceleratedMutant } from './mutate-accelerator.ts';

/** Accelerators with too few places for scans. */
export const QUERY_MUTANTS: readonly AcceleratorMutant[] = [
  countingScans('loses a place with each scan that is left early', {
    found: ['queries/scan-breaking-out-releases', 'queries/scan-consumer-throws'],
    places: 6,
    isReturned: (hasEnded) => hasEnded,
  }),
  countingScans('refuses more than eight scans', {
    found: ['queries/scan-more-scans-than-connections'],
    places: 8,
    isReturned: () => true,
  }),
];

function countingScans(
  name: string,
  mutant: {
    readonly found: readonly string[];
    readonly places: number;
    readonly isReturned: (hasEnded: boolean) => boolean;
  },
): AcceleratorMutant {
  let taken = 0;
  return acceleratedMutant(name, mutant.found, (table) => ({
    async scan(request, context) {
      const plan = await table.scan(request, context);
      return {
        ...plan,
        async *execute(partition, inner) {
          if (taken >= mutant.places)
            throw new MillraceError({ code: 'resource_exhausted', component: 'mutant', message: 'no place is left' });
          taken += 1;
          let hasEnded = false;
          try {
            yield* plan.execute(partition, inner);
            hasEnded = true;
          } finally {
            if (mutant.isReturned(hasEnded)) taken -= 1;
          }
        },
      };
    },
  }));
}
