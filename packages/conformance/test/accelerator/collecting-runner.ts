import type { TestHandle } from '../../src/index.ts';

/** The tests that were defined, by title. */
export const collected: Map<string, (handle: TestHandle) => Promise<void>> = new Map();
const closing: (() => Promise<void>)[] = [];
const groups: string[] = [];

export function describe(name: string, define: () => void): void {
  groups.push(name);
  define();
  groups.pop();
}

export function test(name: string, _: { readonly timeout: number }, run: (handle: TestHandle) => Promise<void>): void {
  collected.set(`${groups[0]}: ${name}`, run);
}

export function afterAll(close: () => Promise<void>): void {
  closing.push(close);
}

/** Calls what the tests left for the end. */
export async function closeAll(): Promise<void> {
  for (const close of closing) await close();
}
