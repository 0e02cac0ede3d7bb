import type { Actor } from '../../contract/identity.ts';
import type { IsolationLevel } from '../../contract/mode.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { statementName } from '../../contract/statement-name.ts';

/**
 * The set-up of every batch. It gives the transaction its role, its claims and its limits. What others left behind in
 * the session, `RESET_ALL` has undone by then. What it returns to is what the database and the login define, so pinned
 * is what decides, whatever they define, what a statement of ours means:
 *
 * - `request.jwt.claim`, `.sub`, `.role`, `.email`: `auth.uid()` and its kin read them before the claims.
 * - `search_path`, with `pg_temp` last, or a temporary table would win over the real one.
 * - TimeZone, DateStyle, IntervalStyle, bytea_output, extra_float_digits, client_encoding: how values look.
 * - array_nulls: rows and lists are sent as arrays, in which NULL is null.
 * - row_security, which raw SQL may have switched off inside a transaction.
 * - `transaction_isolation`: nothing when it is right. When a default was left behind that the transaction began
 *   with, the set-up fails (25001), because no `reset all` can change it any more.
 *
 * Every name is qualified. All settings are local to the transaction, which ends at the batch's one Sync. The answer is
 * one text column that holds nothing but the nonce.
 */
export const PINS: readonly (readonly [string, string])[] = [
  ['request.jwt.claim', ''],
  ['request.jwt.claim.sub', ''],
  ['request.jwt.claim.role', ''],
  ['request.jwt.claim.email', ''],
  ['TimeZone', 'UTC'],
  ['DateStyle', 'ISO, MDY'],
  ['IntervalStyle', 'postgres'],
  ['bytea_output', 'hex'],
  ['extra_float_digits', '1'],
  ['client_encoding', 'UTF8'],
  ['array_nulls', 'on'],
  ['row_security', 'on'],
];

/** What the set-up of one batch gives its transaction. */
export interface SetUpParts {
  readonly actor: Pick<Actor, 'role' | 'claims'>;
  readonly access: 'read' | 'write';
  readonly isolation: IsolationLevel;
  readonly searchPath: string;
  readonly statementTimeoutMs: number;
  readonly nonce: string;
  readonly settings: readonly (readonly [name: string, value: string])[];
}

interface SetUp {
  readonly text: string;
  readonly name: string;
}

/** `lasting`: a write whose settings outlive its own COMMIT. They are for a session that is discarded afterwards. */
type SetUpKind = 'read' | 'write' | 'lasting';

interface SetUpForm {
  readonly kind: SetUpKind;
  /** The session's own defaults are the pins, so that `reset all` has set them; see `session-defaults.ts`. */
  readonly pinned: boolean;
}

type Kept = Readonly<Record<SetUpKind, SetUp[]>>;

const keptPinned: Kept = { read: [], write: [], lasting: [] };
const keptWhole: Kept = { read: [], write: [], lasting: [] };

/**
 * For a connection that keeps statements: one call for each setting, so that running it costs the least. The text
 * depends on nothing but its kind and on how many further settings there are.
 */
export function setUpFor(form: SetUpForm, furtherSettings: number): SetUp {
  const ofForm = (form.pinned ? keptPinned : keptWhole)[form.kind];
  const setUp = ofForm[furtherSettings];
  if (setUp !== undefined) return setUp;
  const text = compose(form, furtherSettings);
  const composed = { name: statementName(text), text };
  ofForm[furtherSettings] = composed;
  return composed;
}

/** Values of that set-up in the order of its parameters. */
export function setUpValues(parts: SetUpParts, pinned: boolean): string[] {
  const { actor, nonce, searchPath, isolation } = parts;
  const values = [nonce, actor.role, actor.claims];
  if (!pinned) values.push(searchPath);
  values.push(timeoutText(parts), isolation);
  for (const [name, value] of parts.settings) values.push(name, value);
  return values;
}

function compose({ kind, pinned }: SetUpForm, furtherSettings: number): string {
  const set = kind === 'lasting' ? lasting : local;
  const calls = pinned ? [] : PINS.map(([name, value]) => set(`'${name}'`, `'${value}'`));
  let last = 1;
  const next = (): string => `$${++last}`;
  calls.push(set(`'role'`, next()), set(`'request.jwt.claims'`, next()));
  if (!pinned) calls.push(set(`'search_path'`, next()));
  calls.push(set(`'statement_timeout'`, next()), local(`'transaction_isolation'`, next()));
  for (let i = 0; i < furtherSettings; i++) calls.push(set(next(), next()));
  // Last, because a read-only transaction refuses nothing of the above but could of what may be added.
  if (kind === 'read') calls.push(local(`'transaction_read_only'`, `'on'`));
  return `select pg_catalog.concat(pg_catalog.left(pg_catalog.concat(${calls.join(', ')}), 0), $1::pg_catalog.text, ${UNLOCK})`;
}

/** Locks of the session that a function or a trigger took. It answers with an empty text, and costs nothing measurable. */
const UNLOCK = 'pg_catalog.pg_advisory_unlock_all()';

function local(name: string, value: string): string {
  return `pg_catalog.set_config(${name}, ${value}, true)`;
}

function lasting(name: string, value: string): string {
  return `pg_catalog.set_config(${name}, ${value}, false)`;
}

function timeoutText({ statementTimeoutMs }: SetUpParts): string {
  return String(Math.ceil(statementTimeoutMs));
}

const NAMES = '$2::pg_catalog.text[]';
const VALUES = '$3::pg_catalog.text[]';

/**
 * The same for a server that has to parse it each time: the settings come as two arrays, of names and of values, so
 * that there is one call to parse instead of one for each. It takes a server a third less time than the other text
 * when that is not prepared. The answer is the first setting's new value, which is empty, followed by the nonce:
 * without the settings there is no answer.
 */
export const UNPREPARED_SET_UP = unprepared(`, ${UNLOCK}`);

/** The same inside a transaction, whose own locks last until it ends. */
export const SET_UP_AGAIN = unprepared('');

function unprepared(further: string): { readonly text: string } {
  const set = local(`pg_catalog.unnest(${NAMES})`, `pg_catalog.unnest(${VALUES})`);
  return { text: `select pg_catalog.concat((array(select ${set}))[1], $1::pg_catalog.text${further})` };
}

/** Values of that set-up in the order of its parameters. */
export function unpreparedSetUpValues(parts: SetUpParts): string[] {
  const { actor, access, nonce, searchPath, settings, isolation } = parts;
  let names = PIN_NAMES;
  let values = `${PIN_VALUES},${quoted(actor.role)},${quotedClaims(actor)},${quotedSearchPath(searchPath)},${timeoutText(parts)},${isolation}`;
  for (const [name, value] of settings) {
    names += `,${quoted(name)}`;
    values += `,${quoted(value)}`;
  }
  if (access === 'read') {
    names += ',transaction_read_only';
    values += ',on';
  }
  return [nonce, `{${names}}`, `{${values}}`];
}

/** An element of an array in Postgres' text format. */
export function quoted(text: string): string {
  return text.includes('"') || text.includes('\\') ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}

const PIN_NAMES = [
  ...PINS.map(([name]) => name),
  'role',
  'request.jwt.claims',
  'search_path',
  'statement_timeout',
  'transaction_isolation',
]
  .map(quoted)
  .join(',');
const PIN_VALUES = PINS.map(([, value]) => quoted(value)).join(',');

let quotedPath = { path: '', element: quoted('') };

/** A process usually has one search path. */
function quotedSearchPath(path: string): string {
  if (quotedPath.path !== path) quotedPath = { path, element: quoted(path) };
  return quotedPath.element;
}

const claimsElements = new WeakMap<object, string>();

/**
 * Kept with the actor, which may send more than one batch. The claims are JSON in ASCII without control characters.
 * JSON escapes the same two characters that an array does, in the same way, and much faster.
 */
function quotedClaims(actor: Pick<Actor, 'claims'>): string {
  let element = claimsElements.get(actor);
  if (element === undefined) {
    element = JSON.stringify(actor.claims);
    claimsElements.set(actor, element);
  }
  return element;
}

/** Undoes every setting that others, functions and policies left behind in the session, but for the role. */
export const RESET_ALL = 'reset all';

/**
 * Leads a batch after a first try met a default that was left behind and that its transaction had begun with: only the
 * first message of a transaction can undo it. Not always, because the server logs a warning for each.
 */
export const LEADS = {
  read: 'set transaction isolation level read committed, read only',
  write: 'set transaction isolation level read committed, read write',
} as const;

/**
 * Leads each write where the server may be another one for each batch: a set-up that failed for its isolation would
 * prove nothing there, because the error could be another client's, and the write could not be sent again. As a plain
 * setting it logs nothing.
 */
export const POOLED_WRITE_LEAD = "set transaction_isolation = 'read committed'";

/** A search path as the value of the setting: every name quoted, `pg_temp` last. */
export function searchPathValue(schemas: readonly string[]): string {
  return [...schemas.map(quotedName), 'pg_temp'].join(', ');
}
