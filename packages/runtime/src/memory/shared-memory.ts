import {
  type MemoryBudget,
  type MemoryHold,
  type MemoryHoldRequest,
  type MemoryRequest,
  type MemoryShare,
  type MemoryShareRequest,
  MillraceError,
} from '@millrace/core';
import { divideMemory, type MemoryClaim } from './divide-memory.ts';
import { formatBytes } from './format-bytes.ts';
import type { ComponentMemory, MemoryStatus } from './memory-status.ts';

/** Memory is taken from the engines in steps, as each costs them a statement: a 256th of the budget, and a mebibyte at least. */
const STEPS = 256;
const LEAST_STEP_BYTES = 2 ** 20;

/** Somebody who knows how much it holds. */
interface Holder {
  readonly request: MemoryHoldRequest;
  bytes: number;
  /** `bytes`, and what is set aside for the next requests. */
  reservedBytes: number;
}

/** Somebody with a limit. */
interface Sharer extends MemoryClaim {
  readonly request: MemoryShareRequest;
  bytes: number;
  usedBytes: number;
  spilledBytes: number;
}

/**
 * The memory of one runtime. At any moment the limits of all engines and what others hold come to no more than the budget: a limit is raised once
 * the bytes are free, and bytes are handed out once a limit has been lowered.
 */
export class SharedMemory implements MemoryBudget {
  readonly totalBytes: number;
  readonly #stepBytes: number;
  readonly #holders = new Set<Holder>();
  readonly #sharers = new Set<Sharer>();
  #refusalCount = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(totalBytes: number) {
    this.totalBytes = totalBytes;
    this.#stepBytes = Math.max(LEAST_STEP_BYTES, Math.floor(totalBytes / STEPS));
  }

  /** The budget as the query engine sees it: its part is the greatest. */
  forMain(): MemoryBudget {
    return {
      totalBytes: this.totalBytes,
      hold: (request) => this.hold(request),
      share: (request) => this.#share(request, 'main'),
    };
  }

  hold(request: MemoryHoldRequest): Promise<MemoryHold> {
    const holder: Holder = { request, bytes: 0, reservedBytes: 0 };
    return this.#inTurn(async () => {
      this.#requirePossible(request, request.bytes);
      this.#holders.add(holder);
      try {
        await this.#grow(holder, Math.ceil(request.bytes));
      } catch (error) {
        this.#holders.delete(holder);
        throw error;
      }
      return {
        component: request.component,
        get bytes() {
          return holder.bytes;
        },
        // Shares of buffers that several hold may be parts of a byte.
        resize: (bytes) => this.#resize(holder, Math.ceil(bytes)),
        release: () => this.#release(() => this.#holders.delete(holder)),
      };
    });
  }

  share(request: MemoryShareRequest): Promise<MemoryShare> {
    return this.#share(request, 'other');
  }

  /** What there is, by what engines said of themselves when they were asked last. */
  status(): MemoryStatus {
    const components = new Map<string, ComponentMemory>();
    const add = (component: string, more: Omit<ComponentMemory, 'component'>): void => {
      const { reservedBytes, usedBytes, spilledBytes } = components.get(component) ?? NOTHING;
      components.set(component, {
        component,
        reservedBytes: reservedBytes + more.reservedBytes,
        usedBytes: usedBytes + more.usedBytes,
        spilledBytes: spilledBytes + more.spilledBytes,
      });
    };
    for (const { request, bytes, usedBytes, spilledBytes } of this.#sharers)
      add(request.component, { reservedBytes: bytes, usedBytes, spilledBytes });
    for (const { request, bytes, reservedBytes } of this.#holders)
      add(request.component, { reservedBytes, usedBytes: bytes, spilledBytes: 0 });
    return { limitBytes: this.totalBytes, refusalCount: this.#refusalCount, components: [...components.values()] };
  }

  /** As {@link status}, once every engine has been asked; one that does not answer any more is left as it was. */
  async readStatus(): Promise<MemoryStatus> {
    await Promise.allSettled(
      [...this.#sharers].map(async (sharer) => {
        const use = await sharer.request.readUse?.();
        if (use) Object.assign(sharer, use);
      }),
    );
    return this.status();
  }

  #share(request: MemoryShareRequest, rank: MemoryClaim['rank']): Promise<MemoryShare> {
    const { component, minBytes, maxBytes = Number.POSITIVE_INFINITY } = request;
    const sharer: Sharer = { request, minBytes, maxBytes, rank, bytes: 0, usedBytes: 0, spilledBytes: 0 };
    return this.#inTurn(async () => {
      this.#requirePossible(request, minBytes);
      await this.#lower([...this.#sharers, sharer], 0);
      await this.#makeRoom(request, minBytes);
      const [wanted = minBytes] = divideMemory(this.totalBytes - this.#heldBytes(), [sharer, ...this.#sharers]);
      sharer.bytes = Math.max(minBytes, Math.min(wanted, this.#freeBytes()));
      this.#sharers.add(sharer);
      await this.#raise();
      return {
        component,
        get bytes() {
          return sharer.bytes;
        },
        release: () => this.#release(() => this.#sharers.delete(sharer)),
      };
    });
  }

  #resize(holder: Holder, bytes: number): Promise<void> {
    const isWithin = bytes <= holder.reservedBytes;
    const isMuchLess = holder.reservedBytes - bytes > 2 * this.#stepBytes;
    if (isWithin && !isMuchLess) {
      holder.bytes = bytes;
      return Promise.resolve();
    }
    return this.#inTurn(async () => {
      if (!this.#holders.has(holder)) throw new TypeError('memory was asked for after it was given back');
      if (bytes > holder.reservedBytes) return this.#grow(holder, bytes);
      holder.bytes = bytes;
      holder.reservedBytes = bytes;
      await this.#raise();
    });
  }

  async #grow(holder: Holder, bytes: number): Promise<void> {
    holder.reservedBytes = holder.bytes;
    const missing = bytes - holder.bytes;
    await this.#makeRoom(holder.request, missing);
    const ahead = bytes > (holder.request.setting === undefined ? 0 : holder.request.bytes) ? this.#stepBytes : 0;
    holder.bytes = bytes;
    holder.reservedBytes = bytes + Math.max(0, Math.min(ahead, this.#freeBytes() - missing));
  }

  #release(remove: () => boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (remove()) await this.#raise();
    });
  }

  /** What settings and the needs of engines come to does not depend on who holds how much at the moment. */
  #requirePossible(request: MemoryRequest, bytes: number): void {
    const promised = [...this.#holders].filter(({ request: { setting } }) => setting !== undefined);
    const others = sum([...promised].map((holder) => holder.request.bytes)) + this.#leastBytes();
    if (request.setting === undefined || others + bytes <= this.totalBytes) return;
    this.#refusalCount += 1;
    throw new MillraceError({
      code: 'invalid_config',
      component: request.component,
      message: `${request.setting} asks for ${formatBytes(bytes)}, and of the ${formatBytes(this.totalBytes)} of runtime.memory_limit other settings and the least that engines need leave ${formatBytes(Math.max(0, this.totalBytes - others))}`,
      hint: `Lower ${request.setting} or other memory limits, or raise runtime.memory_limit`,
    });
  }

  /** Lets engines give up memory until so much is free. */
  async #makeRoom(request: MemoryRequest, bytes: number): Promise<void> {
    if (this.#freeBytes() >= bytes) return;
    // What others have set aside beyond their need comes first.
    for (const holder of this.#holders) holder.reservedBytes = holder.bytes;
    if (this.#freeBytes() >= bytes) return;
    if (this.#heldBytes() + this.#leastBytes() + bytes <= this.totalBytes) {
      await this.#lower([...this.#sharers], Math.max(bytes, this.#stepBytes));
      // One that cannot be lowered so far may be lowered by what is wanted.
      for (const sharer of [...this.#sharers].sort((a, b) => b.bytes - a.bytes)) {
        const missing = bytes - this.#freeBytes();
        if (missing <= 0) return;
        await setLimit(sharer, Math.max(sharer.minBytes, sharer.bytes - missing));
      }
      if (this.#freeBytes() >= bytes) return;
    }
    await this.#raise();
    this.#refusalCount += 1;
    throw new MillraceError({
      code: 'resource_exhausted',
      component: request.component,
      message: `${formatBytes(bytes)} more are wanted than runtime.memory_limit leaves: of ${formatBytes(this.totalBytes)}, ${formatBytes(this.#heldBytes())} are held and ${formatBytes(this.#limitBytes())} are the limits of engines, which need ${formatBytes(this.#leastBytes())} at least`,
      hint: 'Raise runtime.memory_limit, or keep less in memory',
      retryable: true,
    });
  }

  /** Lowers the limits that are above what a division gives in which `bytes` more are held. */
  async #lower(sharers: readonly Sharer[], bytes: number): Promise<void> {
    const targets = divideMemory(this.totalBytes - this.#heldBytes() - bytes, sharers);
    await Promise.all(
      sharers.map(async (sharer, index) => {
        if (this.#sharers.has(sharer) && targets[index]! < sharer.bytes) await setLimit(sharer, targets[index]!);
      }),
    );
  }

  /** Raises the limits that are below their part, as far as memory is free. */
  async #raise(): Promise<void> {
    const sharers = [...this.#sharers];
    const targets = divideMemory(this.totalBytes - this.#heldBytes(), sharers);
    for (const [index, sharer] of sharers.entries()) {
      const target = Math.min(targets[index]!, sharer.bytes + this.#freeBytes());
      if (target > sharer.bytes) await setLimit(sharer, target);
    }
  }

  #freeBytes(): number {
    return this.totalBytes - this.#heldBytes() - this.#limitBytes();
  }

  #heldBytes(): number {
    return sum([...this.#holders].map(({ reservedBytes }) => reservedBytes));
  }

  #limitBytes(): number {
    return sum([...this.#sharers].map(({ bytes }) => bytes));
  }

  #leastBytes(): number {
    return sum([...this.#sharers].map(({ minBytes }) => minBytes));
  }

  /** One change at a time. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

const NOTHING = { reservedBytes: 0, usedBytes: 0, spilledBytes: 0 };

/** An engine that cannot be limited so keeps what it has. */
async function setLimit(sharer: Sharer, bytes: number): Promise<void> {
  if (bytes === sharer.bytes) return;
  try {
    await sharer.request.apply(bytes);
    sharer.bytes = bytes;
  } catch {
    // It holds on to more than that, or is being closed.
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
