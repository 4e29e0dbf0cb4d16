import { type MessagePort, parentPort, type Transferable, workerData } from 'node:worker_threads';
import type { PackedBatch, WorkerRequest, WorkerSettings } from './protocol.ts';
import { SqliteReader } from './sqlite-reader.ts';
import { SqliteWriter } from './sqlite-writer.ts';
import type { WriterRequest, WriterSettings } from './writer-protocol.ts';

const port = parentPort as MessagePort;
const settings = workerData as WorkerSettings | WriterSettings;
if (settings.access === 'read') {
  const reader = new SqliteReader(settings);
  port.on('message', (request: WorkerRequest) => {
    const answer = reader.answer(request);
    port.postMessage(answer, answer.kind === 'batch' ? buffersOf(answer.batch) : []);
  });
} else {
  const writer = new SqliteWriter(settings);
  port.on('message', (request: WriterRequest) => port.postMessage(writer.answer(request)));
}

function buffersOf({ columns }: PackedBatch): Transferable[] {
  return columns.flatMap(({ values, valueOffsets, nullBitmap }) =>
    [values, valueOffsets, nullBitmap].flatMap((view) => (view === undefined ? [] : [view.buffer as ArrayBuffer])),
  );
}
