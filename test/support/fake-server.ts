import type { Channel, WireConnection } from '../../src/modes/wire/wire-connection.ts';
import { MessageReader, readBind, readParse, type TypedMessage } from './network/message-reader.ts';
import { backend, type ErrorFields, message } from './network/protocol-messages.ts';

/** A statement as the server ran it. */
export interface RanStatement {
  readonly sql: string;
  readonly values: readonly (string | null)[];
}

/** What a statement is answered with. */
export type FakeAnswer =
  | {
      /** Of one text column each. */
      readonly rows?: readonly string[];
      readonly tag?: string;
      /** Transaction status behind the batch, where it is not the one that follows. */
      readonly status?: string;
    }
  | { readonly error: ErrorFields; readonly status?: string }
  /** Nothing comes, from here on: see `answerNow`. */
  | 'silence'
  /** The connection ends. */
  | 'close';

const TIDIES =
  /^(reset all|reset role|close all|unlisten|discard temp|discard sequences)|pg_advisory_unlock_all/;
const UNKNOWN_STATEMENT = { code: '26000', message: 'prepared statement does not exist' };

/**
 * A fake: a server behind one connection, within this process. It confirms set-ups, follows `begin`, `commit` and
 * `rollback`, and answers all else with the tag alone, unless a test says otherwise.
 */
export class FakeServer implements Channel {
  readonly flushed = true;
  readonly cancel: (() => Promise<void>) | undefined;
  /** Sees each statement before it is answered. Undefined: the usual answer. */
  answer: (ran: RanStatement) => FakeAnswer | undefined = () => undefined;
  /** What ran, set-ups and what tidies the session aside. */
  readonly ran: RanStatement[] = [];
  readonly setUps: RanStatement[] = [];
  readonly tidied: string[] = [];
  /** Texts that were parsed, in order. */
  readonly parsed: string[] = [];
  /** Codes of the errors that it answered with. */
  readonly refused: string[] = [];
  /** `cancel`, `destroy`, `end`. */
  readonly log: string[] = [];
  connection: WireConnection | undefined;
  readonly #reader = new MessageReader();
  readonly #statements = new Map<string, string>();
  #bound: RanStatement = { sql: '', values: [] };
  #reply: Buffer[] = [];
  #status = 'I';
  #failed = false;
  #silent = false;
  #closing = false;

  constructor({ cancellable = true } = {}) {
    if (cancellable) this.cancel = async () => void this.log.push('cancel');
  }

  write(bytes: Buffer): void {
    for (const sent of this.#reader.push(Buffer.from(bytes))) this.#hear(sent);
  }

  destroy(): void {
    this.log.push('destroy');
  }

  end(): void {
    this.log.push('end');
  }

  /** Sends what was held back. */
  answerNow(): void {
    this.#silent = false;
    this.#flush();
  }

  #hear({ code, body }: TypedMessage): void {
    if (code === 'S') this.#ready();
    else if (!this.#failed && !this.#closing) this.#follow(code, body);
  }

  #follow(code: string, body: Buffer): void {
    if (code === 'P') {
      const { name, sql } = readParse(body);
      this.#statements.set(name, sql);
      this.parsed.push(sql);
      this.#reply.push(backend.parseComplete());
    } else if (code === 'B') {
      const { statement, values } = readBind(body);
      const sql = this.#statements.get(statement);
      if (sql === undefined) this.#fail(UNKNOWN_STATEMENT);
      else {
        this.#bound = { sql, values: values.map((value) => value?.toString('utf8') ?? null) };
        this.#reply.push(backend.bindComplete());
      }
    } else if (code === 'D') {
      this.#reply.push(message('t', Buffer.from([0, 0])), backend.rowDescription([{ name: 'answer' }]));
    } else if (code === 'C') {
      this.#statements.delete(body.toString('utf8', 1, body.length - 1));
      this.#reply.push(backend.closeComplete());
    } else if (code === 'E') this.#run(this.#bound);
  }

  #run(ran: RanStatement): void {
    if (ran.sql.includes('set_config(') && ran.values.length > 0) this.setUps.push(ran);
    else if (TIDIES.test(ran.sql)) this.tidied.push(ran.sql);
    else this.ran.push(ran);
    const given = this.answer(ran);
    if (given === 'close') {
      this.#closing = true;
      return;
    }
    if (given === 'silence') this.#silent = true;
    const answer = given === undefined || given === 'silence' ? this.#usual(ran) : given;
    if ('error' in answer) this.#fail(answer.error);
    else {
      const { rows = [], tag = `SELECT ${rows.length}` } = answer;
      this.#reply.push(...rows.map((row) => backend.dataRow([row])), backend.commandComplete(tag));
    }
    if (answer.status !== undefined) this.#status = answer.status;
  }

  #usual({ sql, values }: RanStatement): Exclude<FakeAnswer, string> {
    if (sql.includes('set_config(')) return { rows: [values[0] ?? ''] };
    const words = sql.split(' ');
    const word = (words[0] ?? '').toUpperCase();
    switch (word) {
      case 'BEGIN':
        return { tag: word, status: 'T' };
      case 'COMMIT':
        return { tag: this.#status === 'E' ? 'ROLLBACK' : word, status: 'I' };
      case 'ROLLBACK':
        return { tag: word, status: words.includes('to') ? 'T' : 'I' };
      case 'DISCARD':
        if (sql === 'discard all') this.#statements.clear();
        return { tag: sql.toUpperCase() };
      case 'CLOSE':
        return { tag: sql === 'close all' ? 'CLOSE CURSOR ALL' : 'CLOSE CURSOR' };
      case 'SELECT':
        return TIDIES.test(sql) ? { rows: [''] } : { rows: [] };
      default:
        return { tag: word };
    }
  }

  #fail(error: ErrorFields): void {
    this.#failed = true;
    this.refused.push(error.code);
    if (this.#status === 'T') this.#status = 'E';
    this.#reply.push(backend.error(error));
  }

  #ready(): void {
    this.#failed = false;
    this.#reply.push(backend.readyForQuery(this.#status));
    if (!this.#silent) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const reply = Buffer.concat(this.#reply.splice(0));
    if (this.#closing) this.connection?.closed();
    else this.connection?.receive(reply);
  }
}
