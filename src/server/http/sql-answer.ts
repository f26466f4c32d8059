import type { SqlError } from '../../base/index.ts';
import { errorView } from './json-view.ts';
import type { SqlPart } from './sql-service.ts';

/** Turns what comes of statements into the text of an answer, piece by piece. */
export interface SqlAnswer {
  readonly contentType: string;
  /** So many characters are held back, so that an error in them is still one by its status; below 0: none, the first part begins the answer. */
  readonly heldMax: number;
  add(part: SqlPart): string;
  end(): string;
  /** What is left to say when a part of the answer has gone. */
  fail(error: SqlError): string;
}

export const JSON_LINES_TYPE = 'application/x-ndjson';

/** `{"results": [{"columns": […], "rows": […], "command": "SELECT 1"}, …], "notices": […]}`, and `"error"` at its end where one came too late for the status. */
export class JsonDocument implements SqlAnswer {
  readonly contentType = 'application/json';
  readonly heldMax = 1024 * 1024;
  readonly #notices: { readonly severity: string; readonly message: string }[] = [];
  #results = 0;
  /** Rows of the statement that is being answered; null: none, or one without rows. */
  #rows: number | null = null;

  add(part: SqlPart): string {
    switch (part.kind) {
      case 'notice':
        this.#notices.push({ severity: part.severity, message: part.message });
        return '';
      case 'columns':
        this.#rows = 0;
        return `${this.#next()}{"columns":${JSON.stringify(part.columns)},"rows":[`;
      case 'rows': {
        const text = part.rows.map((row) => `\n${row}`).join(',');
        const before = this.#rows! > 0 && part.rows.length > 0 ? ',' : '';
        this.#rows! += part.rows.length;
        return before + text;
      }
      case 'done': {
        const command = `"command":${JSON.stringify(part.command)}}`;
        const text = this.#rows === null ? `${this.#next()}{${command}` : `],${command}`;
        this.#rows = null;
        return text;
      }
    }
  }

  end(): string {
    const start = this.#results === 0 ? '{"results":[' : '';
    return `${start}],"notices":${JSON.stringify(this.#notices)}}\n`;
  }

  fail(error: SqlError): string {
    const open = this.#rows === null ? '' : ']}';
    return `${open}],"notices":${JSON.stringify(this.#notices)},"error":${JSON.stringify(errorView(error))}}\n`;
  }

  #next(): string {
    return this.#results++ === 0 ? '{"results":[' : ',';
  }
}

/** A row a line, as it comes; an error is the last one, `{"error": …}`. */
export class JsonLines implements SqlAnswer {
  readonly contentType = JSON_LINES_TYPE;
  readonly heldMax = -1;

  add(part: SqlPart): string {
    return part.kind === 'rows' ? part.rows.map((row) => `${row}\n`).join('') : '';
  }

  end(): string {
    return '';
  }

  fail(error: SqlError): string {
    return `${JSON.stringify({ error: errorView(error) })}\n`;
  }
}
