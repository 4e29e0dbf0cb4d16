import { createInterface, type Interface } from 'node:readline';
import { isMillraceError } from '@millrace/core';
import { printError } from '../output/print-error.ts';
import { OutputClosed } from '../output/write-chunks.ts';
import { DOT_NAMES, parseDotCommand } from './dot-commands.ts';
import { History, historyFile } from './history.ts';
import { LineQueue } from './line-queue.ts';
import { type PromptParts, PromptSession } from './prompt-session.ts';
import { StatementBuffer } from './statement-buffer.ts';

const FIRST_PROMPT = 'millrace> ';
const NEXT_PROMPT = '     ...> ';
const MAX_SHOWN_HISTORY = 1_000;

/**
 * The interactive prompt: statements over several lines until `;`, point commands, history of whole statements.
 *
 * Ctrl-C cancels the running query, or drops what has been typed; Ctrl-D leaves. An error is shown and the prompt stays.
 */
export async function runPrompt(parts: PromptParts): Promise<void> {
  const { io } = parts;
  const output = io.stdout.isTTY === true ? io.stdout : io.stderr;
  const history = History.open(historyFile(io.environment));
  const shown = history.newestFirst;
  const terminal = createInterface({
    input: io.stdin,
    output,
    terminal: output.isTTY === true,
    prompt: FIRST_PROMPT,
    history: shown,
    historySize: MAX_SHOWN_HISTORY,
    completer: complete,
  });
  const prompt = new Prompt(parts, { terminal, history, shown });
  output.write('Statements end with ;  See .help\n');
  await prompt.run();
}

class Prompt {
  readonly #parts: PromptParts;
  readonly #terminal: Interface;
  readonly #history: History;
  /** Readline's own list, newest first. */
  #shown: string[];
  readonly #session: PromptSession;
  readonly #buffer: StatementBuffer;
  #running: AbortController | undefined;

  constructor(
    parts: PromptParts,
    { terminal, history, shown }: { readonly terminal: Interface; readonly history: History; readonly shown: string[] },
  ) {
    this.#parts = parts;
    this.#terminal = terminal;
    this.#history = history;
    this.#shown = shown;
    this.#session = new PromptSession(parts);
    this.#buffer = new StatementBuffer(parts.module.tokenizeSql);
  }

  async run(): Promise<void> {
    const terminal = this.#terminal;
    const lines = new LineQueue();
    // Readline adds physical lines; what is recalled are whole statements.
    terminal.on('history', (shown) => {
      this.#shown = shown;
      this.#showHistory();
    });
    terminal.on('line', (line) => lines.push(line));
    terminal.on('SIGINT', () => this.#interrupt(lines));
    // Ctrl-D ends the input; what has been entered is still answered.
    terminal.on('close', () => lines.end());
    terminal.prompt();
    try {
      for await (const line of lines) {
        if ((await this.#enter(line)) === 'quit') break;
        terminal.setPrompt(this.#buffer.isEmpty ? FIRST_PROMPT : NEXT_PROMPT);
        if (!lines.isEnded) terminal.prompt();
      }
      if (lines.isEnded) this.#parts.io.stderr.write('\n');
    } finally {
      terminal.close();
    }
  }

  /** Runs what a line completes. */
  async #enter(line: string): Promise<'go_on' | 'quit'> {
    if (this.#buffer.isEmpty && line.trimStart().startsWith('.')) {
      this.#remember(line.trim());
      return this.#attempt((signal) => this.#session.runDotCommand(parseDotCommand(line), signal));
    }
    for (const { sql, source } of this.#buffer.add(line)) {
      this.#remember(source);
      await this.#attempt(async (signal) => {
        await this.#session.runStatement(sql, signal);
        return 'go_on';
      });
    }
    return 'go_on';
  }

  async #attempt(work: (signal: AbortSignal) => Promise<'go_on' | 'quit'>): Promise<'go_on' | 'quit'> {
    const running = new AbortController();
    this.#running = running;
    try {
      return await work(running.signal);
    } catch (error) {
      if (error instanceof OutputClosed) throw error;
      if (running.signal.aborted && isMillraceError(error)) this.#parts.io.stderr.write('cancelled\n');
      else printError(this.#parts.io.stderr, error, 'plain');
      return 'go_on';
    } finally {
      this.#running = undefined;
    }
  }

  #interrupt(lines: LineQueue): void {
    const { stderr } = this.#parts.io;
    if (this.#running) {
      // Lines that were typed ahead belong to what is being cancelled.
      lines.clear();
      this.#running.abort();
      stderr.write('^C\n');
      return;
    }
    const isHintDue = this.#buffer.isEmpty && this.#terminal.line === '';
    stderr.write(isHintDue ? '^C\nCtrl-D or .quit leaves\n' : '^C\n');
    this.#buffer.clear();
    this.#terminal.setPrompt(FIRST_PROMPT);
    // Ctrl-E, Ctrl-U: to the end of the line, and delete all before it.
    this.#terminal.write(null, { ctrl: true, name: 'e' });
    this.#terminal.write(null, { ctrl: true, name: 'u' });
    this.#terminal.prompt();
  }

  #remember(statement: string): void {
    this.#history.add(statement);
    this.#showHistory();
  }

  #showHistory(): void {
    this.#shown.splice(0, this.#shown.length, ...this.#history.newestFirst);
  }
}

function complete(line: string): [string[], string] {
  const start = line.trimStart();
  if (!start.startsWith('.')) return [[], line];
  return [DOT_NAMES.filter((name) => name.startsWith(start)), start];
}
