import type { AccelerationMode } from '@millrace/core';
import { defineTests, requireKnownWaivers, type TestRunner } from '../define-tests.ts';
import { ACCELERATOR_CHAPTERS } from './accelerator-check.ts';
import { ACCELERATOR_CHECKS } from './accelerator-checks.ts';
import type { AcceleratorSuite } from './accelerator-suite.ts';
import { createAcceleratorContext } from './create-accelerator-context.ts';

/** A suite and the runner that runs it. */
export interface TestAcceleratorRequest extends AcceleratorSuite {
  readonly runner: TestRunner;
}

const ALL: readonly AccelerationMode[] = ['memory', 'file'];

/**
 * Defines one test for each check and mode, grouped in chapters. Checks that do not apply are skipped with a reason, which is printed as
 * well.
 *
 * @throws TypeError for a waiver of a check that there is not, and for capabilities without a mode.
 */
export function testAccelerator({ runner, ...suite }: TestAcceleratorRequest): void {
  const { capabilities, modes: wanted = ALL } = suite;
  const modes = ALL.filter((mode) => capabilities.modes.includes(mode) && wanted.includes(mode));
  if (modes.length === 0) throw new TypeError(`${suite.name} declares no mode that is to be run`);
  for (const mode of modes) {
    const waivers = suite.waivers?.[mode];
    requireKnownWaivers(ACCELERATOR_CHECKS, waivers);
    defineTests({
      runner,
      name: `${suite.name} (${mode})`,
      title: `${suite.name} conforms in mode ${mode}`,
      chapters: ACCELERATOR_CHAPTERS,
      checks: ACCELERATOR_CHECKS,
      waivers,
      open: () => createAcceleratorContext(suite, mode),
    });
  }
}
