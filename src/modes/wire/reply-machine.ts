import { keepShape } from '../../contract/kept-shapes.ts';
import type { Field, StatementReply } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import { answersCommand, countOf } from './command-tags.ts';
import type { BackendMessage, ServerMessage } from './messages.ts';
import type { SessionDefaults } from './session-defaults.ts';
import type { ExecuteStep, Step } from './steps.ts';

/** The server's replies do not match what was sent: none of them can be trusted. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}

/** A result exceeded a limit. */
export class ResultTooLarge extends Error {
  override readonly name = 'ResultTooLarge';
}

export interface ReplyEnd {
  /** Transaction status of ReadyForQuery: `I`, `T` or `E`. */
  readonly status: string;
  readonly replies: readonly StatementReply[];
  readonly error: ServerMessage | undefined;
  /** The last command tag, such as `COMMIT`. */
  readonly tag: string;
  /** What a COMMIT of ours was answered with; undefined where none was, or none was sent. */
  readonly commitTag: string | undefined;
  /** Tag of raw SQL that began or ended a transaction. */
  readonly controlTag: string | undefined;
  /** True when the set-up's nonce came back, so that an error after it is an answer to this batch. */
  readonly confirmed: boolean;
  /** What the batch found out, where it asked. */
  readonly defaults: SessionDefaults | undefined;
}

const NO_FIELDS: readonly never[] = [];

type Phase = 'parse' | 'parameters' | 'description' | 'bind' | 'answer' | 'close';

/**
 * Follows the replies of one batch message by message. Every message that is not exactly the expected one is a
 * `ProtocolViolation`: poolers were seen to deliver other clients' replies, well formed, complete or cut.
 *
 * ParameterStatus, Notice and Notification may come at any time.
 */
export class ReplyMachine {
  readonly #steps: readonly Step[];
  readonly #nonce: string;
  readonly #maxRows: number;
  readonly #replies: StatementReply[] = [];
  #at = 0;
  #phase: Phase | 'ready';
  #rows: (readonly (string | null)[])[] = [];
  #fields: readonly Field[] = [];
  #columns = -1;
  /** Describes the next document. */
  #ofDocument: readonly Field[] | undefined;
  /** The server described the statement as one without a result: no row can come. */
  #withoutResult = false;
  #error: ServerMessage | undefined;
  #confirmed = false;
  #defaults: SessionDefaults | undefined;
  #tag = '';
  #commitTag: string | undefined;
  #controlTag: string | undefined;

  constructor(steps: readonly Step[], nonce: string, maxRows: number) {
    this.#steps = steps;
    this.#nonce = nonce;
    this.#maxRows = maxRows;
    this.#phase = this.#firstPhase();
  }

  /** The error of the server that ended the batch. */
  get failure(): ServerMessage | undefined {
    return this.#error;
  }

  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** Returns the end at ReadyForQuery, undefined before. Throws `ProtocolViolation` or `ResultTooLarge`. */
  accept(message: BackendMessage): ReplyEnd | undefined {
    switch (message.name) {
      case 'dataRow':
        this.#dataRow(message.fields);
        return undefined;
      case 'bindComplete':
        this.#advance('bind', message.name);
        this.#phase = 'answer';
        return undefined;
      case 'commandComplete':
        this.#commandComplete(message.text);
        return undefined;
      case 'readyForQuery':
        return this.#readyForQuery(message.status);
      case 'parseComplete':
        this.#parseComplete();
        return undefined;
      case 'parameterDescription':
        this.#advance('parameters', message.name);
        this.#phase = 'description';
        return undefined;
      case 'rowDescription':
        this.#described(message.fields.map((field) => ({ name: field.name, type: field.dataTypeID })));
        return undefined;
      case 'noData':
        this.#described(NO_FIELDS, true);
        return undefined;
      case 'closeComplete':
        this.#advance('close', message.name);
        this.#next();
        return undefined;
      case 'emptyQuery':
        this.#commandComplete('');
        return undefined;
      case 'error':
        this.#serverError(message);
        return undefined;
      case 'notice':
      case 'notification':
      case 'parameterStatus':
        return undefined;
      default:
        throw new ProtocolViolation(`The server sent ${message.name} in the middle of a batch.`);
    }
  }

  #advance(phase: Phase, name: string): void {
    if (this.#error !== undefined || this.#phase !== phase) {
      throw new ProtocolViolation(
        `The server sent ${name} where ${this.#error ? 'readyForQuery' : this.#phase} was expected.`,
      );
    }
  }

  #parseComplete(): void {
    this.#advance('parse', 'parseComplete');
    const step = this.#steps[this.#at];
    if (step?.kind === 'describe' || (step?.kind === 'execute' && step.describe)) this.#phase = 'parameters';
    else {
      if (step?.kind === 'execute' && step.prepared !== undefined) step.prepared.ready = true;
      this.#phase = 'bind';
    }
  }

  #described(fields: readonly Field[], withoutResult = false): void {
    this.#advance('description', 'rowDescription');
    const step = this.#steps[this.#at];
    if (step?.kind === 'describe') {
      if (step.ahead === true) this.#ofDocument = fields;
      else this.#replies.push({ form: 'rows', fields, rows: [], count: 0 });
      this.#next();
      return;
    }
    this.#fields = fields;
    this.#withoutResult = withoutResult;
    if (step?.kind === 'execute' && step.prepared !== undefined) {
      step.prepared.fields = fields;
      step.prepared.ready = true;
    }
    this.#phase = 'bind';
  }

  #dataRow(fields: readonly (string | null)[]): void {
    this.#advance('answer', 'dataRow');
    const step = this.#steps[this.#at] as ExecuteStep;
    if (step.answer === 'rows') {
      if (this.#columns === -1) this.#columns = (step.prepared?.fields ?? this.#fields).length;
      if (fields.length !== this.#columns || this.#withoutResult)
        throw new ProtocolViolation('A row has the wrong number of columns.');
      if (this.#rows.length >= this.#maxRows) {
        throw new ResultTooLarge(`The result has more than ${this.#maxRows} rows.`);
      }
    } else {
      const text = fields[0];
      if (
        fields.length !== 1 ||
        typeof text !== 'string' ||
        this.#rows.length > 0 ||
        (step.answer === 'command' && (own(step, 'tag') !== 'SELECT 1' || text !== ''))
      ) {
        throw new ProtocolViolation(`A row does not match the expected answer '${step.answer}'.`);
      }
      // Also at the end of a document: the beginning could be ours and the end another client's.
      const isOurs =
        step.answer === 'command' ||
        (step.answer === 'defaults' && (text === 'pinned' || text === 'other')) ||
        (step.answer === 'nonce'
          ? text === this.#nonce
          : text.startsWith(`["${this.#nonce}", `) && text.endsWith(`, "${this.#nonce}"]`));
      if (!isOurs) {
        throw new ProtocolViolation('The nonce of the reply does not match the nonce of the batch.');
      }
    }
    this.#rows.push(fields);
  }

  #commandComplete(tag: string): void {
    this.#advance('answer', 'commandComplete');
    this.#tag = tag;
    const step = this.#steps[this.#at] as ExecuteStep;
    if (step.answer === 'rows') {
      if (own(step, 'control')?.has(tag) === true) this.#controlTag ??= tag;
      const word = tag.startsWith('SELECT') ? 'SELECT' : tag.startsWith('FETCH') ? 'FETCH' : undefined;
      // CREATE TABLE AS, SELECT INTO and the like count the rows that they made and show none.
      if (word !== undefined && !this.#withoutResult && tag !== `${word} ${this.#rows.length}`) {
        throw new ProtocolViolation('The row count of the command tag does not match the rows received.');
      }
      this.#replies.push({
        form: 'rows',
        fields: step.prepared?.fields ?? this.#fields,
        rows: this.#rows,
        count: countOf(tag),
      });
    } else if (step.answer === 'command') {
      if (!answersCommand(tag, own(step, 'tag') ?? tag)) {
        throw new ProtocolViolation('The command tag is that of another command.');
      }
      if (own(step, 'tag') === 'COMMIT') this.#commitTag = tag;
    } else {
      const text = this.#rows[0]?.[0];
      if (typeof text !== 'string') throw new ProtocolViolation('The answer with the nonce is missing.');
      if (step.answer === 'nonce') this.#confirmed = true;
      else if (step.answer === 'defaults') this.#defaults = text as SessionDefaults;
      else {
        const fields = this.#ofDocument;
        this.#replies.push({ form: 'document', text, ...(fields !== undefined && { fields }) });
        this.#ofDocument = undefined;
      }
    }
    this.#next();
  }

  #serverError(error: ServerMessage): void {
    // An unknown message code reaches us as an error without severity.
    if (error.severity === undefined || error.code === undefined) {
      throw new ProtocolViolation('The server sent an unknown message.');
    }
    if (this.#error !== undefined && error.severity === 'ERROR') {
      throw new ProtocolViolation('The server sent a second error.');
    }
    // A deferred constraint fails after the last CommandComplete, so 'ready' is a valid place too.
    this.#error ??= error;
  }

  #readyForQuery(status: string): ReplyEnd {
    if (status !== 'I' && status !== 'T' && status !== 'E') {
      throw new ProtocolViolation('The server sent readyForQuery without a transaction status.');
    }
    if (this.#error === undefined && this.#phase !== 'ready') {
      throw new ProtocolViolation(`The server sent readyForQuery where ${this.#phase} was expected.`);
    }
    return {
      status,
      replies: this.#replies,
      error: this.#error,
      tag: this.#tag,
      commitTag: this.#commitTag,
      controlTag: this.#controlTag,
      confirmed: this.#confirmed,
      defaults: this.#defaults,
    };
  }

  #next(): void {
    this.#at += 1;
    this.#rows = [];
    this.#fields = [];
    this.#columns = -1;
    this.#withoutResult = false;
    this.#phase = this.#firstPhase();
  }

  #firstPhase(): Phase | 'ready' {
    const step = this.#steps[this.#at];
    if (step === undefined) return 'ready';
    if (step.kind === 'close') return 'close';
    return step.kind === 'describe' || step.parse ? 'parse' : 'bind';
  }
}

keepShape(new ReplyMachine([], '', 0));
