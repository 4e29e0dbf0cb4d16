import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Accelerated } from './open-accelerated.ts';

interface Closable {
  close(): Promise<void>;
}

/** What a test has open, in a folder of its own that goes with it. */
export class OpenCopies<Engine extends Closable = Closable> implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'millrace-copies-'));
  /** Copies to close. */
  readonly opened: Accelerated[] = [];
  /** Engines to close behind them. */
  readonly engines: Engine[] = [];

  /** Closes what is open; the folder stays. */
  async closeAll(): Promise<void> {
    await Promise.all(this.opened.splice(0).map(({ accelerator }) => accelerator.shutdown()));
    await Promise.all(this.engines.splice(0).map((engine) => engine.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeAll();
    rmSync(this.folder, { recursive: true });
  }
}
