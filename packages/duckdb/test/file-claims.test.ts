import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../src/index.ts';

const DESCRIPTORS = '/proc/self/fd';
/** Turns of the event loop between an ATTACH and the close of its instance: none, and as many as let it run to its end. */
const TURNS = Array.from({ length: 12 }, (_, index) => index);

describe('the claim to a file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-claims-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is given up by an instance that is closed while it attaches the file', async () => {
    for (const turns of TURNS) {
      const path = join(folder, `turn-${turns}.duckdb`);
      const database = await openDatabase({ path: ':memory:', threads: 1 });
      const attaching = database.attach({ path, alias: 'a' }).catch(() => undefined);
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      await database.close();
      await attaching;
      await using again = await openDatabase({ path, threads: 1 });
      expect(again.path).toBe(path);
    }
  });

  it.runIf(existsSync(DESCRIPTORS))(
    'goes with the file itself where the instance cannot be set up (told by /proc)',
    async () => {
      const path = join(folder, 'settings.duckdb');
      await expect(openDatabase({ path, settings: { no_such_setting: '1' } })).rejects.toMatchObject({
        name: 'MillraceError',
      });
      expect(openFiles()).not.toContain(path);
      await using again = await openDatabase({ path });
      expect(again.path).toBe(path);
    },
  );
});

/** What this process has open. */
function openFiles(): readonly string[] {
  return readdirSync(DESCRIPTORS).flatMap((name) => {
    try {
      return [readlinkSync(join(DESCRIPTORS, name))];
    } catch {
      return []; // Closed in the meantime.
    }
  });
}
