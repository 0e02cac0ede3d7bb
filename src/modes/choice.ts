import { ConfigurationError } from '../contract/errors.ts';
import type { ModeName } from '../contract/mode.ts';
import type { StatementKind } from '../contract/statement.ts';

/** The modes that each kind of statement may use, in order of preference. */
export type ModeTable = Readonly<Record<StatementKind, readonly ModeName[]>>;

/** Stateless reads share a few server connections. */
const READS: readonly ModeName[] = ['transaction', 'session', 'direct'];
/** Writes stay on one server for write consistency. */
const WRITES: readonly ModeName[] = ['session', 'transaction', 'direct'];
/** What needs its own connection. */
const PINNED: readonly ModeName[] = ['direct', 'session'];

export const DEFAULT_MODE_TABLE: ModeTable = {
  select: READS,
  count: READS,
  vectorSearch: READS,
  hybridSearch: READS,
  'rpc.read': READS,
  insert: WRITES,
  update: WRITES,
  delete: WRITES,
  upsert: WRITES,
  batch: WRITES,
  'rpc.write': WRITES,
  sql: [...PINNED, 'transaction'],
  transaction: PINNED,
  stream: PINNED,
  explain: PINNED,
  listen: PINNED,
  notify: [...PINNED, 'transaction'],
};

/**
 * Poolers in transaction mode become slow with large batches: 1 MB takes 30 ms, 4 MB 0.3 s and 16 MB
 * 3.9 s, where session mode takes 0.2 s.
 */
const MAX_TRANSACTION_MODE_BYTES = 1 << 20;

export interface Choice {
  /** The mode that the call itself asks for, if any. */
  readonly asked: ModeName | undefined;
  /** Size of all bound values. */
  readonly valueBytes: number;
  /** A statement that cannot answer with a JSON document, such as EXPLAIN. */
  readonly needsTypedRows: boolean;
  /** SQL of the application. */
  readonly isRaw: boolean;
}

/**
 * The mode of one call.
 *
 * @throws ConfigurationError `MODE_NOT_CONFIGURED` or `UNSUPPORTED`, which names what must be configured
 */
export function chooseMode(
  table: ModeTable,
  kind: StatementKind,
  configured: ReadonlySet<ModeName>,
  choice: Choice,
): ModeName {
  const { asked, valueBytes, needsTypedRows } = choice;
  if (asked !== undefined) {
    if (configured.has(asked)) return asked;
    throw new ConfigurationError(
      `The mode '${asked}' is not configured. Configured modes: ${[...configured].join(', ')}.`,
      { code: 'MODE_NOT_CONFIGURED' },
    );
  }
  if (configured.has('embedded')) return 'embedded';
  let fallback: ModeName | undefined;
  for (const mode of table[kind]) {
    if (!configured.has(mode) || (mode === 'transaction' && needsTypedRows)) continue;
    if (mode !== 'transaction' || valueBytes <= MAX_TRANSACTION_MODE_BYTES) return mode;
    fallback = mode;
  }
  if (fallback !== undefined) return fallback;
  const wanted = table[kind].filter((mode) => mode !== 'transaction' || !needsTypedRows);
  throw new ConfigurationError(
    `This statement (${kind}) needs the mode ${wanted.join(' or ')}. Configured modes: ${[...configured].join(', ')}.`,
    { code: 'UNSUPPORTED', hint: `Configure a '${wanted[0] ?? 'direct'}' URL.` },
  );
}

/**
 * The modes that may take one batch of this kind while `chosen`, its preferred mode, is full; in order. Raw SQL keeps to
 * modes with typed rows and a session of its own: what it does must not depend on the load.
 */
export function furtherModes(
  table: ModeTable,
  kind: StatementKind,
  chosen: ModeName,
  { asked, valueBytes, needsTypedRows, isRaw }: Choice,
): readonly ModeName[] {
  if (asked !== undefined) return [];
  const isPooled = !needsTypedRows && !isRaw && valueBytes <= MAX_TRANSACTION_MODE_BYTES;
  return table[kind].filter((mode) => mode !== chosen && (mode !== 'transaction' || isPooled));
}

/**
 * Connections of a pool that statements leave free if they prefer another mode. The mode of interactive work, which has
 * no other way, keeps half of them for that.
 */
export function reserveOf(
  table: ModeTable,
  configured: ReadonlySet<ModeName>,
  mode: ModeName,
  max: number,
): number {
  const interactive = table.transaction.find((name) => configured.has(name));
  return mode === interactive ? Math.ceil(max / 2) : 0;
}
