/** Where a connection can be cut: at each edge of each message that an operation sends or is sent. */
import { readParse, type TypedMessage } from './message-reader.ts';

/** Which batch of an operation. `batch` is a call outside of transactions, which has no other. */
export type Part = 'batch' | 'BEGIN' | 'inside' | 'COMMIT or ROLLBACK';
export type Side = 'request' | 'reply';

const FRONTEND: Readonly<Record<string, string>> = {
  P: 'Parse',
  D: 'Describe',
  B: 'Bind',
  E: 'Execute',
  C: 'Close',
  S: 'Sync',
};

const BACKEND: Readonly<Record<string, string>> = {
  '1': 'ParseComplete',
  '2': 'BindComplete',
  '3': 'CloseComplete',
  t: 'ParameterDescription',
  T: 'RowDescription',
  n: 'NoData',
  D: 'DataRow',
  C: 'CommandComplete',
  E: 'ErrorResponse',
  Z: 'ReadyForQuery',
};

/** Name of a message; undefined for those that may come at any time and belong to nothing. */
export function messageName(side: Side, code: string): string | undefined {
  return (side === 'request' ? FRONTEND : BACKEND)[code];
}

/** The edge before the first message. Before any other is after the one ahead of it. */
export function beforeAll(part: Part, side: Side): string {
  return `${part}: before the ${side}`;
}

export function within(part: Part, side: Side, message: string): string {
  return `${part}: ${side} in ${message}`;
}

export function behind(part: Part, side: Side, message: string): string {
  return `${part}: ${side} after ${message}`;
}

export function isBoundary(name: string): boolean {
  return /^[^:]+: (before the|request|reply) /.test(name);
}

/** The texts that a connection has prepared, by name: a batch is known by what it runs. */
export class PartReader {
  readonly #texts = new Map<string, string>();

  /** Which part of an operation a batch is, or undefined for what the service does for itself. */
  partOf(messages: readonly TypedMessage[], status: string): Part | undefined {
    const texts: string[] = [];
    for (const { code, body } of messages) {
      if (code === 'P') {
        const { name, sql } = readParse(body);
        this.#texts.set(name, sql);
        texts.push(sql);
      } else if (code === 'B') {
        const portalEnd = body.indexOf(0);
        const name = body.toString('utf8', portalEnd + 1, body.indexOf(0, portalEnd + 1));
        texts.push(this.#texts.get(name) ?? '');
      }
    }
    const ours = texts.some((text) => text.includes('journal') || text.includes(' cdb.'));
    if (status === 'I') {
      if (ours) return 'batch';
      return texts.some((text) => text.startsWith('begin ')) ? 'BEGIN' : undefined;
    }
    if (texts[0] === 'commit' || texts[0] === 'rollback') return 'COMMIT or ROLLBACK';
    return ours || texts.some((text) => text.includes('savepoint')) ? 'inside' : undefined;
  }
}
