/**
 * A fake Postgres that answers from a function: what proxies and poolers stand before in their own tests.
 *
 * Anyone may log in, or whoever knows the password in cleartext. Each connection has a session of its own, so
 * that a test sees what one client leaves behind for the next.
 */
import type { Socket } from 'node:net';
import { type Address, LoopbackServer } from './loopback-server.ts';
import {
  FrontendReader,
  readBind,
  readParse,
  type StartupPacket,
  type TypedMessage,
} from './message-reader.ts';
import { backend, int16, message } from './protocol-messages.ts';

export interface ScriptedSession {
  /** Process id of this connection, as BackendKeyData told it. */
  readonly processId: number;
  readonly user: string;
  /** What `set` left behind. */
  readonly settings: Map<string, string>;
}

/** One row of text columns, or an error. A promise holds the reply back. */
export type ScriptedAnswer = readonly (string | null)[] | { readonly code: string; readonly message: string };

export type Script = (
  sql: string,
  values: readonly (string | null)[],
  session: ScriptedSession,
) => ScriptedAnswer | Promise<ScriptedAnswer>;

export interface ScriptedServerOptions {
  readonly password?: string;
  readonly script?: Script;
}

/** `set NAME = VALUE`, `show NAME`, `whoami` (the process id), `fail`; anything else returns its values, or its text. */
const plainScript: Script = (sql, values, session) => {
  const set = /^set (\S+) = (.*)$/.exec(sql);
  if (set !== null) {
    session.settings.set(set[1]!, set[2]!);
    return [];
  }
  const show = /^show (\S+)$/.exec(sql);
  if (show !== null) return [session.settings.get(show[1]!) ?? null];
  if (sql === 'whoami') return [String(session.processId)];
  if (sql === 'fail') return { code: '22012', message: 'division by zero' };
  return values.length > 0 ? values : [sql];
};

export class ScriptedServer {
  readonly #password: string | undefined;
  readonly #script: Script;
  readonly #server = new LoopbackServer((socket) => this.#serve(socket));
  #connections = 0;
  /** Everything that ran, in order. */
  readonly ran: { readonly sql: string; readonly processId: number }[] = [];
  /** Process ids of the cancel requests that came. */
  readonly cancelled: number[] = [];

  constructor({ password, script = plainScript }: ScriptedServerOptions = {}) {
    this.#password = password;
    this.#script = script;
  }

  get openConnections(): number {
    return this.#server.openConnections;
  }

  start(): Promise<Address> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  #serve(socket: Socket): void {
    const reader = new FrontendReader();
    let session: ScriptedSession | undefined;
    let conversation: Conversation | undefined;
    let turn = Promise.resolve();
    const start = (packet: StartupPacket) => {
      if (packet.kind === 'cancel') {
        this.cancelled.push(packet.processId);
        return socket.end();
      }
      if (packet.kind !== 'startup') return socket.write('N');
      session = {
        processId: ++this.#connections,
        user: packet.parameters.get('user') ?? '',
        settings: new Map(),
      };
      conversation = new Conversation(socket, session, this.#script, (sql, { processId }) =>
        this.ran.push({ sql, processId }),
      );
      if (this.#password === undefined) conversation.welcome();
      else socket.write(backend.authenticationCleartext());
    };
    socket.on('data', (chunk) => {
      const { packets, messages } = reader.push(chunk);
      for (const packet of packets) start(packet);
      for (const sent of messages) {
        if (sent.code === 'p') {
          const given = sent.body.toString('utf8', 0, sent.body.length - 1);
          if (given === this.#password) conversation?.welcome();
          else
            socket.end(
              backend.error({ severity: 'FATAL', code: '28P01', message: 'password authentication failed' }),
            );
        } else {
          turn = turn.then(() => conversation?.hear(sent));
        }
      }
    });
  }
}

/** The extended and the simple protocol of one connection, one message after the other. */
class Conversation {
  readonly #socket: Socket;
  readonly #session: ScriptedSession;
  readonly #script: Script;
  readonly #onRun: (sql: string, session: ScriptedSession) => void;
  readonly #statements = new Map<string, string>();
  #bound: { sql: string; values: readonly (string | null)[] } = { sql: '', values: [] };
  #reply: Buffer[] = [];
  #skipping = false;

  constructor(
    socket: Socket,
    session: ScriptedSession,
    script: Script,
    onRun: (sql: string, session: ScriptedSession) => void,
  ) {
    this.#socket = socket;
    this.#session = session;
    this.#script = script;
    this.#onRun = onRun;
  }

  welcome(): void {
    this.#socket.write(
      Buffer.concat([
        backend.authenticationOk(),
        backend.parameterStatus('server_version', '17.0'),
        backend.backendKeyData(this.#session.processId, this.#session.processId * 7),
        backend.readyForQuery('I'),
      ]),
    );
  }

  async hear(sent: TypedMessage): Promise<void> {
    if (sent.code === 'X') {
      this.#socket.end();
      return;
    }
    if (this.#skipping && sent.code !== 'S') return;
    if (sent.code === 'P') {
      const { name, sql } = readParse(sent.body);
      if (name !== '' && this.#statements.has(name)) {
        return this.#fail('42P05', `prepared statement "${name}" already exists`);
      }
      this.#statements.set(name, sql);
      this.#reply.push(backend.parseComplete());
    } else if (sent.code === 'B') {
      const { statement, values } = readBind(sent.body);
      const sql = this.#statements.get(statement);
      if (sql === undefined) return this.#fail('26000', `prepared statement "${statement}" does not exist`);
      this.#bound = { sql, values: values.map((value) => value?.toString('utf8') ?? null) };
      this.#reply.push(backend.bindComplete());
    } else if (sent.code === 'D') {
      if (sent.body[0] === 0x53) this.#reply.push(message('t', int16(0)));
      this.#reply.push(backend.rowDescription([{ name: 'answer' }]));
    } else if (sent.code === 'E') {
      await this.#run(this.#bound.sql, this.#bound.values);
    } else if (sent.code === 'Q') {
      await this.#run(sent.body.toString('utf8', 0, sent.body.length - 1), [], true);
      this.#flush();
    } else if (sent.code === 'S') {
      this.#skipping = false;
      this.#flush();
    }
  }

  async #run(sql: string, values: readonly (string | null)[], describe = false): Promise<void> {
    const answer = await this.#script(sql, values, this.#session);
    this.#onRun(sql, this.#session);
    if ('code' in answer) return this.#fail(answer.code, answer.message);
    if (describe) this.#reply.push(backend.rowDescription(answer.map((_, i) => ({ name: `answer_${i}` }))));
    if (answer.length > 0) this.#reply.push(backend.dataRow(answer));
    this.#reply.push(backend.commandComplete(tagOf(sql, answer)));
  }

  #fail(code: string, words: string): void {
    this.#skipping = true;
    this.#reply.push(backend.error({ code, message: words }));
  }

  #flush(): void {
    this.#skipping = false;
    this.#socket.write(Buffer.concat([...this.#reply.splice(0), backend.readyForQuery('I')]));
  }
}

/** `reset` and `set` have tags of their own; whatever else it takes for a query. */
function tagOf(sql: string, answer: readonly unknown[]): string {
  const command = /^(?:reset|set)\b/i.exec(sql)?.[0];
  return answer.length === 0 && command !== undefined
    ? command.toUpperCase()
    : `SELECT ${answer.length > 0 ? 1 : 0}`;
}
