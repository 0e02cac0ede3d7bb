import { asciiJson } from '../../src/consolidated/identity/ascii-json.ts';
import type { Plan } from '../../src/contract/statement.ts';
import { FrontendWriter } from '../../src/modes/wire/frontend-writer.ts';
import { nextNonce } from '../../src/modes/wire/nonce.ts';
import { startupOptions } from '../../src/modes/wire/session-defaults.ts';
import {
  RESET_ALL,
  searchPathValue,
  setUpFor,
  setUpValues,
  UNPREPARED_SET_UP,
  unpreparedSetUpValues,
} from '../../src/modes/wire/set-up.ts';
import {
  UNNAMED_DISCARD_TEMP,
  UNNAMED_POOLED_WRITE_LEAD,
  UNNAMED_RESET,
} from '../../src/modes/wire/static-commands.ts';
import type { BenchMode, Contender, OpenContender } from '../contender.ts';
import {
  KEY_COUNT,
  type NewNote,
  type NoteKey,
  newNote,
  noteKey,
  PEOPLE_COUNT,
  type Person,
} from '../notes.ts';
import { RawPool } from './raw-pool.ts';
import { type RecordedPlans, recordPlans } from './recorded-plans.ts';

const STATEMENT_TIMEOUT_MS = 8_000;
const SEARCH_PATH = searchPathValue(['public', 'extensions']);
const RESET = 'reset_all';
const DISCARD_TEMP = 'discard_temp';
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * The best possible result: the bytes of our own batch, built before the measurement, written to bare
 * sockets; the reply is read up to its ReadyForQuery and thrown away undecoded.
 */
export const rawSocket: Contender = {
  name: 'raw-socket',
  recipe: 'our batch as prebuilt bytes; replies not decoded',
  async open(target) {
    const { url, mode, connections } = target;
    const plans = await recordPlans(target);
    const first = { startupOptions: startupOptions(SEARCH_PATH), parts: [prepareBytes(plans)] };
    const pool = await RawPool.open(url, connections, mode === 'direct' ? first : undefined);
    const readBytes = ({ person, id }: NoteKey) => batchBytes(mode, plans.read, person, [String(id)]);
    const insertBytes = ({ person, owner, title }: NewNote) =>
      batchBytes(mode, plans.insert, person, [owner, title]);
    const reads = Array.from({ length: KEY_COUNT }, (_, n) => readBytes(noteKey(n)));
    const inserts = new Map<Person, Buffer>();
    for (let n = 0; n < PEOPLE_COUNT; n++) inserts.set(newNote(n).person, insertBytes(newNote(n)));

    const open: OpenContender<Buffer> = {
      read: (key) => pool.roundTrip(ownKey(key) ? reads[key.id - 1]! : readBytes(key)),
      insert: (note) =>
        pool.roundTrip(note.owner === note.person.sub ? inserts.get(note.person)! : insertBytes(note)),
      owners: (reply) => reply.toString('latin1').match(UUID) ?? [],
      close: () => pool.close(),
    };
    return open;
  },
};

function ownKey(key: NoteKey): boolean {
  return key.id <= KEY_COUNT && noteKey(key.id - 1).person === key.person;
}

/** Parses what a direct connection is going to run by name. */
function prepareBytes({ read, insert }: RecordedPlans): Buffer {
  const writer = new FrontendWriter().parse(RESET, RESET_ALL).parse(DISCARD_TEMP, 'discard temp');
  for (const { name, text, intent } of [read, insert]) {
    const setUp = setUpFor({ kind: intent, pinned: true }, 0);
    writer.parse(setUp.name, setUp.text).parse(name, text);
  }
  return writer.sync().finish();
}

function batchBytes(mode: BenchMode, plan: Plan, person: Person, values: string[]): Buffer {
  const nonce = nextNonce();
  const actor = {
    kind: 'user',
    role: 'authenticated',
    claims: asciiJson(person.claims),
    expiresAt: undefined,
  } as const;
  const parts = {
    actor,
    access: plan.intent,
    isolation: 'read committed',
    searchPath: SEARCH_PATH,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    nonce,
    settings: [],
  } as const;
  const writer = new FrontendWriter();
  const isWrite = plan.intent === 'write';
  if (mode === 'direct') {
    writer.bind(RESET, []).execute();
    writer.bind(setUpFor({ kind: plan.intent, pinned: true }, 0).name, setUpValues(parts, true)).execute();
    writer.bind(plan.name, values).execute();
    if (isWrite) writer.bind(DISCARD_TEMP, []).execute();
  } else {
    if (isWrite) writer.append(UNNAMED_POOLED_WRITE_LEAD.bytes);
    writer.append(UNNAMED_RESET.bytes);
    writer.parse('', UNPREPARED_SET_UP.text).bind('', unpreparedSetUpValues(parts)).execute();
    writer.parse('', plan.document).bind('', values, nonce).execute();
    if (isWrite) writer.append(UNNAMED_DISCARD_TEMP.bytes);
  }
  return writer.sync().finish();
}
