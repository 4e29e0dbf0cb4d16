import { totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';

/** Where the memory of machine and process is read from; for tests. */
export interface MemoryReader {
  /** Bytes of the machine. */
  totalBytes(): number;
  /** Bytes that a control group leaves to the process; 0, undefined or more than the machine has where there is no such limit. */
  constrainedBytes(): number | undefined;
}

/** The memory of this process, by Node: libuv reads `memory.max` and `memory.high` of the control group, of either version. */
const processReader: MemoryReader = { totalBytes: totalmem, constrainedBytes: constrainedMemory };

/** Bytes that the process may use: those of the machine, or of its control group where that has fewer. */
export function usableMemory(reader: MemoryReader = processReader): number {
  const [total, constrained] = [reader.totalBytes(), reader.constrainedBytes() ?? 0];
  return constrained > 0 && constrained < total ? constrained : total;
}
