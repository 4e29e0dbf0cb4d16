/**
 * How the results cache took part in a statement: it answered (`hit`), it could not yet (`miss`), it takes no part in this statement
 * (`bypass`), or there is none (`disabled`).
 *
 * Source: `Results-Cache-Status` of Spice.
 */
export type CacheStatus = 'hit' | 'miss' | 'bypass' | 'disabled';

/** How the results cache would take part in a statement. */
export type CacheExplanation =
  | {
      readonly status: 'hit';
      readonly rowCount: number;
      /** Milliseconds since the query began that the result is of. */
      readonly ageMs: number;
    }
  | { readonly status: 'miss' }
  | { readonly status: 'bypass'; readonly reason: string };
