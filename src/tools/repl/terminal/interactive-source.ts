import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { LineSource } from '../input/index.ts';
import { InputInterrupted } from './input-interrupted.ts';

/** Gives the words that may stand at the end of the line, and the part of the line they would replace. */
export type Completer = (line: string) => Promise<[string[], string]>;

export interface InteractiveSourceOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly completer: Completer;
  /** Newest last. */
  readonly history: readonly string[];
  readonly historyMax: number;
  /** Ctrl-C. True when it stopped something; otherwise what is typed is dropped. */
  readonly onInterrupt: () => boolean;
}

interface Waiting {
  resolve(line: string | null): void;
  reject(error: Error): void;
}

/** Lines from a person at a terminal: editing, history, completion, Ctrl-C. Ctrl-D on an empty line is the end. */
export class InteractiveSource implements LineSource {
  readonly #interface: Interface;
  readonly #output: Writable;
  readonly #onInterrupt: () => boolean;
  /** Lines typed while a statement was running. */
  readonly #typedAhead: string[] = [];
  readonly #entered: string[] = [];
  #waiting: Waiting | null = null;
  #closed = false;

  constructor(options: InteractiveSourceOptions) {
    this.#output = options.output;
    this.#onInterrupt = options.onInterrupt;
    this.#interface = createInterface({
      input: options.input,
      output: options.output,
      terminal: true,
      history: [...options.history].reverse(),
      historySize: options.historyMax,
      removeHistoryDuplicates: true,
      completer: (line: string, callback: (error: null, result: [string[], string]) => void) => {
        void options.completer(line).then(
          (result) => callback(null, result),
          () => callback(null, [[], line]),
        );
      },
    });
    this.#interface.on('line', (line) => this.#lineEntered(line));
    this.#interface.on('SIGINT', () => this.#interrupted());
    this.#interface.on('close', () => {
      this.#closed = true;
      this.#take()?.resolve(null);
    });
  }

  /** What was entered here, oldest first. */
  get entered(): readonly string[] {
    return this.#entered;
  }

  next(prompt: string): Promise<string | null> {
    const typed = this.#typedAhead.shift();
    if (typed !== undefined) return Promise.resolve(typed);
    if (this.#closed) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#interface.setPrompt(prompt);
      this.#interface.prompt(true);
    });
  }

  close(): void {
    this.#interface.close();
  }

  #lineEntered(line: string): void {
    if (line.trim() !== '') this.#entered.push(line);
    const waiting = this.#take();
    if (waiting === null) this.#typedAhead.push(line);
    else waiting.resolve(line);
  }

  #interrupted(): void {
    this.#output.write('^C\n');
    this.#typedAhead.length = 0;
    if (this.#onInterrupt()) return;
    // Empties the line being edited, wherever the cursor stands.
    this.#interface.write(null, { ctrl: true, name: 'e' });
    this.#interface.write(null, { ctrl: true, name: 'u' });
    this.#take()?.reject(new InputInterrupted());
  }

  #take(): Waiting | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }
}
