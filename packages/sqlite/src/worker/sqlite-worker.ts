import { type MessagePort, parentPort, type Transferable, workerData } from 'node:worker_threads';
import type { PackedBatch, WorkerRequest, WorkerSettings } from './protocol.ts';
import { SqliteReader } from './sqlite-reader.ts';
import { SqliteWriter } from './sqlite-writer.ts';
import type { HostedWriter, HostSettings, WriterRequest, WriterSettings } from './writer-protocol.ts';

const port = parentPort as MessagePort;
const settings = workerData as WorkerSettings | WriterSettings | HostSettings;
switch (settings.access) {
  case 'read':
    read(settings);
    break;
  case 'write':
    write(port, settings);
    break;
  case 'host':
    port.on('message', ({ port: other, settings: given }: HostedWriter) => write(other, given));
    break;
  default:
    settings satisfies never;
}

function read(given: WorkerSettings): void {
  const reader = new SqliteReader(given);
  port.on('message', (request: WorkerRequest) => {
    const answer = reader.answer(request);
    port.postMessage(answer, answer.kind === 'batch' ? buffersOf(answer.batch) : []);
  });
}

function write(to: MessagePort, given: WriterSettings): void {
  const writer = new SqliteWriter(given);
  to.on('message', (request: WriterRequest) => to.postMessage(writer.answer(request)));
  to.on('close', () => writer.close());
}

function buffersOf({ columns }: PackedBatch): Transferable[] {
  return columns.flatMap(({ values, valueOffsets, nullBitmap }) =>
    [values, valueOffsets, nullBitmap].flatMap((view) => (view === undefined ? [] : [view.buffer as ArrayBuffer])),
  );
}
