import { ValidationError } from '../../contract/errors.ts';
import type { Batch, BeginOptions } from '../../contract/mode.ts';
import type { Plan, Statement } from '../../contract/statement.ts';
import { statementName } from '../../contract/statement-name.ts';
import { FrontendWriter } from './frontend-writer.ts';
import type { PreparedStatement } from './prepared-statements.ts';
import type { Step } from './reply-machine.ts';
import {
  READ_WRITE_LEAD,
  setUpFor,
  setUpValues,
  UNPREPARED_SET_UP,
  unpreparedSetUpValues,
} from './set-up.ts';
import type { WireConnection } from './wire-connection.ts';

/**
 * How a mode sends statements.
 *
 * `named`: prepared once per connection, typed rows. `document`: unnamed, one JSON document per
 * statement, the only form that is safe with every pooler that changes servers between batches.
 * `named-document`: documents of prepared statements, for a pooler that prepares them on the next server too.
 */
export type SendStyle = 'named' | 'document' | 'named-document';

export interface WrittenBatch {
  readonly bytes: Buffer;
  readonly steps: readonly Step[];
}

export interface SendOptions {
  readonly style: SendStyle;
  readonly searchPath: string;
  readonly nonce: string;
  readonly statementTimeoutMs: number;
  /** Starts the batch with `set transaction read write`. */
  readonly forceReadWrite: boolean;
}

/** One batch as one buffer: set-up, statements, one Sync. */
export function writeBatch(connection: WireConnection, batch: Batch, options: SendOptions): WrittenBatch {
  const out = new BatchOut(connection, options.style, batch.actor.role);
  const block = isBlock(batch);
  if (block) out.command(beginText('read committed', batch.access));
  else if (options.forceReadWrite) out.command(READ_WRITE_LEAD);
  out.setUp(batch, options);
  for (const statement of batch.statements) out.statement(statement, options.nonce);
  if (block) out.command('commit');
  return out.finish();
}

/**
 * The batch is a transaction block, BEGIN to COMMIT, under its one Sync. Raw SQL that may commit by itself does so in
 * an implicit transaction, and what followed its COMMIT would run as the login; in a block Postgres refuses it (2D000).
 */
export function isBlock({ statements, ownTransactions }: Batch): boolean {
  return statements[0]?.plan.mayCommit === true && ownTransactions !== true;
}

/** Opens an interactive transaction: BEGIN and the set-up, under one Sync. */
export function writeBegin(
  connection: WireConnection,
  begin: BeginOptions,
  options: SendOptions,
): WrittenBatch {
  const out = new BatchOut(connection, options.style, begin.actor.role);
  out.command(beginText(begin.isolation, begin.access));
  out.setUp(begin, options);
  return out.finish();
}

function beginText(isolation: BeginOptions['isolation'], access: Batch['access']): string {
  return `begin isolation level ${isolation} ${access === 'read' ? 'read only' : 'read write'}`;
}

/** Statements inside an interactive transaction. */
export function writeStatements(
  connection: WireConnection,
  role: string,
  statements: readonly Statement[],
  style: SendStyle,
  nonce: string,
): WrittenBatch {
  const out = new BatchOut(connection, style, role);
  for (const statement of statements) out.statement(statement, nonce);
  return out.finish();
}

export function writeCommand(connection: WireConnection, text: string): WrittenBatch {
  const out = new BatchOut(connection, 'named', '');
  out.command(text);
  return out.finish();
}

/** Set-up, then Parse and Describe of the batch's first statement, which is not run. */
export function writeDescribe(connection: WireConnection, batch: Batch, options: SendOptions): WrittenBatch {
  const out = new BatchOut(connection, options.style, batch.actor.role);
  out.setUp(batch, options);
  out.describe(batch.statements[0]?.plan.text ?? '');
  return out.finish();
}

/** Parse and Describe inside an interactive transaction. */
export function writeDescribeOnly(connection: WireConnection, text: string): WrittenBatch {
  const out = new BatchOut(connection, 'named', '');
  out.describe(text);
  return out.finish();
}

class BatchOut {
  readonly #connection: WireConnection;
  readonly #style: SendStyle;
  readonly #role: string;
  readonly #writer: FrontendWriter;
  readonly #steps: Step[] = [];
  /** Statements of this batch: in use, and those whose Parse it contains. */
  readonly #inUse: PreparedStatement[] = [];
  #parsing: Set<PreparedStatement> | undefined;

  constructor(connection: WireConnection, style: SendStyle, role: string) {
    this.#connection = connection;
    this.#style = style;
    this.#role = role;
    this.#writer = connection.writer();
  }

  setUp(
    batch: Pick<Batch, 'actor' | 'access' | 'settings' | 'ownTransactions'>,
    options: Pick<SendOptions, 'searchPath' | 'nonce' | 'statementTimeoutMs'>,
  ): void {
    const { actor, access, settings = NO_SETTINGS } = batch;
    const { searchPath, statementTimeoutMs, nonce } = options;
    const parts = { actor, access, settings, searchPath, statementTimeoutMs, nonce };
    if (this.#style !== 'document') {
      // The set-up runs as the login role, before it takes the actor's role, so one name serves all roles.
      const setUp = setUpFor(batch.ownTransactions === true ? 'lasting' : access, settings.length);
      const { name } = this.#prepare(setUp.name, '', setUp.text, 'nonce');
      this.#writer.bind(name, setUpValues(parts)).execute();
    } else {
      this.#writer
        .append(parseMessage(UNPREPARED_SET_UP, UNPREPARED_SET_UP.text))
        .bind('', unpreparedSetUpValues(parts))
        .execute();
      this.#steps.push(UNNAMED_NONCE);
    }
  }

  statement(statement: Statement, nonce: string): void {
    const { plan, values } = statement;
    if (this.#style !== 'named') {
      if (plan.document === '') {
        throw new ValidationError('This statement is not available in transaction mode.', {
          code: 'UNSUPPORTED',
          hint: "SHOW, EXPLAIN, CALL and similar statements need the mode 'direct' or 'session'.",
        });
      }
      if (this.#style === 'named-document' && plan.origin === 'compiled') {
        const { name } = this.#prepare(documentName(plan), this.#role, plan.document, 'document');
        this.#writer.bind(name, values, nonce).execute();
        return;
      }
      this.#writer.append(parseMessage(plan, plan.document)).bind('', values, nonce).execute();
      this.#steps.push(UNNAMED_DOCUMENT);
    } else if (plan.origin === 'raw') {
      this.#writer.parse('', plan.text).describe('').bind('', values).execute();
      this.#steps.push({ kind: 'execute', parse: true, describe: true, answer: 'rows', prepared: undefined });
    } else {
      const { name } = this.#prepare(plan.name, this.#role, plan.text, 'rows');
      this.#writer.bind(name, values).execute();
    }
  }

  command(text: string): void {
    this.#writer.parse('', text).bind('', []).execute();
    this.#steps.push({
      kind: 'execute',
      parse: true,
      describe: false,
      answer: 'command',
      tag: tagOf(text),
      prepared: undefined,
    });
  }

  describe(text: string): void {
    this.#writer.parse('', text).describe('');
    this.#steps.push({ kind: 'describe' });
  }

  finish(): WrittenBatch {
    for (const name of this.#connection.prepared.evict(this.#inUse)) {
      this.#close(name);
    }
    return { bytes: this.#writer.sync().finish(), steps: this.#steps };
  }

  /** Writes what must come before the Bind of a named statement, and records the expected answer. */
  #prepare(
    planName: string,
    role: string,
    text: string,
    answer: 'nonce' | 'rows' | 'document',
  ): PreparedStatement {
    const { prepared } = this.#connection;
    const statement = prepared.use(planName, role);
    this.#inUse.push(statement);
    const parse = !statement.ready && this.#parsing?.has(statement) !== true;
    const describe = parse && answer === 'rows';
    if (parse) {
      this.#parsing ??= new Set();
      this.#parsing.add(statement);
      if (prepared.mustClose(statement.name)) this.#close(statement.name);
      this.#writer.parse(statement.name, text);
      if (describe) this.#writer.describe(statement.name);
    }
    this.#steps.push({ kind: 'execute', parse, describe, answer, prepared: statement });
    return statement;
  }

  #close(name: string): void {
    this.#writer.closeStatement(name);
    this.#steps.push({ kind: 'close', name });
  }
}

/** The tag that answers a command of ours: as a rule the word that it begins with. */
function tagOf(command: string): string {
  const [word = ''] = command.split(' ', 1);
  if (word === 'close') return 'CLOSE CURSOR';
  return (word === 'discard' ? command : word).toUpperCase();
}

const NO_SETTINGS: readonly never[] = [];

const UNNAMED_NONCE: Step = {
  kind: 'execute',
  parse: true,
  describe: false,
  answer: 'nonce',
  prepared: undefined,
};
const UNNAMED_DOCUMENT: Step = { ...UNNAMED_NONCE, answer: 'document' };

const documentNames = new WeakMap<Plan, string>();

/** Kept with its plan: the document is sent with every batch. */
function documentName(plan: Plan): string {
  let name = documentNames.get(plan);
  if (name === undefined) {
    name = statementName(plan.document);
    documentNames.set(plan, name);
  }
  return name;
}

const parseMessages = new WeakMap<object, Buffer>();

/** Parse of the unnamed statement as bytes, kept for as long as its text: it is sent with every batch. */
function parseMessage(owner: object, text: string): Buffer {
  let message = parseMessages.get(owner);
  if (message === undefined) {
    // A copy uses no more memory than it needs.
    message = Buffer.copyBytesFrom(new FrontendWriter().parse('', text).finish());
    parseMessages.set(owner, message);
  }
  return message;
}
