import type { BoundParameter } from '@millrace/sql';
import type { BorrowedSocket } from './borrowed-socket.ts';
import { type ColumnDefinition, type DefinitionLayout, readColumnDefinition } from './column-definition.ts';
import { encodeParameters } from './encode-parameters.ts';
import { readLength } from './length-encoding.ts';
import { readServerError, type ServerError } from './server-error.ts';

const COM_STMT_PREPARE = 0x16;
const COM_STMT_EXECUTE = 0x17;
const COM_STMT_CLOSE = 0x19;
const EOF_MARK = 0xfe;
const ERROR_MARK = 0xff;
/** An EOF packet is shorter than this; a row that starts with the same byte is longer. */
const EOF_MAX_BYTES = 9;

/** One statement to run. */
export interface StatementRequest {
  readonly sql: string;
  readonly parameters: readonly BoundParameter[];
  /** How far the session's clock is ahead of UTC. */
  readonly offsetSeconds: number;
  readonly layout: DefinitionLayout;
}

type Phase = 'idle' | 'prepare' | 'prepared' | 'execute' | 'columns' | 'columns_end' | 'rows' | 'done';

/**
 * One prepared statement on a borrowed socket, from COM_STMT_PREPARE to COM_STMT_CLOSE, packet by packet.
 *
 * Prepared, because values then travel beside the statement and never inside it, and because its rows come in the binary form, in which
 * numbers and times need no parsing and a FLOAT keeps all its digits (as text it has six).
 *
 * Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase_ps.html
 */
export class StatementRun {
  readonly #socket: BorrowedSocket;
  readonly #request: StatementRequest;
  #phase: Phase = 'idle';
  #statementId: number | undefined;
  /** Definitions still to be skipped after the answer to COM_STMT_PREPARE, with the EOF packets behind them. */
  #toSkip = 0;
  #columnCount = 0;
  #columns: ColumnDefinition[] = [];
  #isStopping = false;
  #error: ServerError | undefined;

  constructor(socket: BorrowedSocket, request: StatementRequest) {
    this.#socket = socket;
    this.#request = request;
  }

  /** True when the server has answered everything: the connection is free. */
  get isDone(): boolean {
    return this.#phase === 'done' || this.#phase === 'idle';
  }

  /** True once the columns are known. */
  get hasColumns(): boolean {
    return this.#phase === 'rows' || this.#phase === 'done';
  }

  get columns(): readonly ColumnDefinition[] {
    return this.#columns;
  }

  start(): void {
    this.#phase = 'prepare';
    this.#socket.send(Buffer.concat([Buffer.from([COM_STMT_PREPARE]), Buffer.from(this.#request.sql, 'utf8')]));
  }

  /**
   * Takes the next packet: `row` when it is one, which then lies in the socket's reader; `wait` when none has arrived.
   *
   * @throws ServerError what the server answered; the run is done then.
   */
  step(): 'row' | 'other' | 'wait' | 'done' {
    if (this.isDone) return 'done';
    const { reader } = this.#socket;
    if (!reader.next()) return 'wait';
    const { buffer, start, end } = reader;
    const mark = buffer[start];
    if (this.#phase === 'rows' && mark === 0) return 'row';
    if (mark === ERROR_MARK) {
      this.#finish();
      this.#error = readServerError(buffer, start, end);
      throw this.#error;
    }
    this.#take(buffer, start, end);
    return this.isDone ? 'done' : 'other';
  }

  /** Reads and drops what is still to come, until the server has answered. The caller has asked it to stop. */
  async drain(): Promise<void> {
    this.#isStopping = true;
    while (!this.isDone) {
      try {
        if (this.step() === 'wait') await this.#socket.more();
        else this.#socket.relieve();
      } catch (error) {
        if (error !== this.#error) throw error;
      }
    }
  }

  #take(buffer: Buffer, start: number, end: number): void {
    const isEof = buffer[start] === EOF_MARK && end - start < EOF_MAX_BYTES;
    switch (this.#phase) {
      case 'prepare': {
        this.#statementId = buffer.readUInt32LE(start + 1);
        const columnCount = buffer.readUInt16LE(start + 5);
        const parameterCount = buffer.readUInt16LE(start + 7);
        this.#toSkip = (parameterCount > 0 ? parameterCount + 1 : 0) + (columnCount > 0 ? columnCount + 1 : 0);
        this.#phase = 'prepared';
        if (this.#toSkip === 0) this.#execute();
        return;
      }
      case 'prepared':
        if (--this.#toSkip === 0) this.#execute();
        return;
      case 'execute':
        this.#columnCount = readLength(buffer, start);
        this.#columns = [];
        if (this.#columnCount === 0) this.#finish();
        else this.#phase = 'columns';
        return;
      case 'columns':
        this.#columns.push(readColumnDefinition(buffer, start, this.#request.layout));
        if (this.#columns.length === this.#columnCount) this.#phase = 'columns_end';
        return;
      case 'columns_end':
        this.#phase = 'rows';
        return;
      case 'rows':
        if (isEof) this.#finish();
        return;
    }
  }

  #execute(): void {
    if (this.#isStopping) {
      this.#finish();
      return;
    }
    const { parameters, offsetSeconds } = this.#request;
    const head = Buffer.alloc(10);
    head[0] = COM_STMT_EXECUTE;
    head.writeUInt32LE(this.#statementId ?? 0, 1);
    // No cursor; one iteration.
    head.writeUInt32LE(1, 6);
    this.#phase = 'execute';
    this.#socket.send(Buffer.concat([head, encodeParameters(parameters, offsetSeconds)]));
  }

  /** Closing has no answer, so that the connection is free at once. */
  #finish(): void {
    this.#phase = 'done';
    if (this.#statementId === undefined) return;
    const close = Buffer.alloc(5);
    close[0] = COM_STMT_CLOSE;
    close.writeUInt32LE(this.#statementId, 1);
    this.#statementId = undefined;
    this.#socket.send(close);
  }
}
