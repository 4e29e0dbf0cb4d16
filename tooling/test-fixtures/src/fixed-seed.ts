import { configureGlobal } from 'fast-check';

/**
 * Property tests draw the same cases in every short run, so that what passes once passes again; a full run draws its own. fast-check
 * prints the seed of what fails, and `MILLRACE_TEST_SEED` sets it. A property that gives a seed of its own keeps it.
 */
const SHORT_RUN_SEED = 32;

const { MILLRACE_TEST_FULL: full, MILLRACE_TEST_SEED: given } = process.env;
if (given !== undefined) configureGlobal({ seed: Number(given) });
else if (!full) configureGlobal({ seed: SHORT_RUN_SEED });
