/**
 * What the faulty proxy saw of the protocol, so that a test can state what must hold on the wire: one write holds the
 * batch, never more than one Sync outstanding, never a bare Sync.
 */
import { type MessageReader, readParse, type TypedMessage } from './message-reader.ts';

/** One batch of a client: the messages up to a Sync, or one simple query. */
export interface SeenBatch {
  /** Number of the connection, from 1. */
  readonly connection: number;
  /** Codes of its messages in order, such as `PBDEPBDES`. */
  readonly letters: string;
  /** Reads of the socket that it came in. A write of up to 64 KiB arrives in one. */
  readonly reads: number;
  readonly bytes: number;
  /** Texts of its Parse messages and simple queries. */
  readonly sql: readonly string[];
  /** Names of the prepared statements that it makes. */
  readonly names: readonly string[];
  /** Syncs without a reply once this one was written: 1 unless the client pipelines. */
  readonly syncsOutstanding: number;
}

export interface WireCounts {
  connections: number;
  /** Cancel requests; each comes on a connection of its own. */
  cancels: number;
  /** Connections whose login was stalled. */
  stalledLogins: number;
  syncs: number;
  /** Syncs that end a batch of nothing but themselves. */
  bareSyncs: number;
  queries: number;
  terminates: number;
  readyForQueries: number;
  bytesToServer: number;
  bytesToClient: number;
  maxSyncsOutstanding: number;
}

const BATCHES_KEPT = 10_000;

export class WireLog {
  readonly counts: WireCounts = {
    connections: 0,
    cancels: 0,
    stalledLogins: 0,
    syncs: 0,
    bareSyncs: 0,
    queries: 0,
    terminates: 0,
    readyForQueries: 0,
    bytesToServer: 0,
    bytesToClient: 0,
    maxSyncsOutstanding: 0,
  };
  /** The last ten thousand batches of all connections, in the order in which they were complete. */
  readonly batches: SeenBatch[] = [];

  add(batch: SeenBatch): void {
    this.batches.push(batch);
    if (this.batches.length > BATCHES_KEPT) this.batches.shift();
  }
}

/** Follows one connection. */
export class WireWatcher {
  readonly #log: WireLog;
  readonly #connection: number;
  /** ReadyForQuery of the login included: it is awaited like the reply to a Sync, but counts for no Sync. */
  #outstanding = 0;
  #loggedIn = false;
  #letters = '';
  #sql: string[] = [];
  #names: string[] = [];
  #reads = 0;
  #bytes = 0;

  constructor(log: WireLog) {
    this.#log = log;
    this.#connection = ++log.counts.connections;
  }

  get loggedIn(): boolean {
    return this.#loggedIn;
  }

  /** A batch was sent and its reply is not complete. */
  get isBusy(): boolean {
    return this.#loggedIn && this.#outstanding > 0;
  }

  /** Call once per read of a client that has sent its startup packet, before the read's messages. */
  read(): void {
    this.#reads++;
  }

  /** A message of the client. True when it asks the server for a ReadyForQuery. */
  fromClient(sent: TypedMessage): boolean {
    const { counts } = this.#log;
    if (sent.code === 'p') {
      this.#reads = 0;
      return false;
    }
    if (sent.code === 'X') {
      counts.terminates++;
      return false;
    }
    this.#letters += sent.code;
    this.#bytes += sent.bytes.length;
    if (sent.code === 'P') {
      const { name, sql } = readParse(sent.body);
      this.#sql.push(sql);
      if (name !== '') this.#names.push(name);
    }
    if (sent.code === 'Q') {
      counts.queries++;
      this.#sql.push(sent.body.toString('utf8', 0, sent.body.length - 1));
    }
    if (sent.code === 'S') {
      counts.syncs++;
      if (this.#letters === 'S') counts.bareSyncs++;
    }
    if (sent.code !== 'S' && sent.code !== 'Q') return false;
    this.#outstanding++;
    counts.maxSyncsOutstanding = Math.max(counts.maxSyncsOutstanding, this.#outstanding);
    this.#log.add({
      connection: this.#connection,
      letters: this.#letters,
      reads: Math.max(1, this.#reads),
      bytes: this.#bytes,
      sql: this.#sql,
      names: this.#names,
      syncsOutstanding: this.#outstanding,
    });
    this.#letters = '';
    this.#bytes = 0;
    this.#sql = [];
    this.#names = [];
    this.#reads = 0;
    return true;
  }

  fromServer(messages: ReturnType<MessageReader['push']>): void {
    for (const { code } of messages) {
      if (code !== 'Z') continue;
      if (this.#loggedIn) {
        this.#log.counts.readyForQueries++;
        // A pooler gone wrong sends more of them than were asked for.
        this.#outstanding = Math.max(0, this.#outstanding - 1);
      }
      this.#loggedIn = true;
    }
  }
}
