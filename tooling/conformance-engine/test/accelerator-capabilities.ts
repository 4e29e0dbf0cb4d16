import { readFile } from 'node:fs/promises';
import type { AcceleratorCapabilities } from '@millrace/conformance';

/** What the manifest of an accelerator of this repository declares. */
export async function capabilitiesOf(name: string): Promise<AcceleratorCapabilities> {
  const path = new URL(`../../../accelerators/${name}/package.json`, import.meta.url);
  const { millrace } = JSON.parse(await readFile(path, 'utf8')) as {
    readonly millrace: { readonly accelerators: readonly [{ readonly capabilities: AcceleratorCapabilities }] };
  };
  return millrace.accelerators[0].capabilities;
}
