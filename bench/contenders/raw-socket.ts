import { FrontendWriter } from '../../src/modes/wire/frontend-writer.ts';
import { nextNonce } from '../../src/modes/wire/nonce.ts';
import { asciiJson, searchPathValue, setUpFor, setUpValues } from '../../src/modes/wire/set-up.ts';
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

const STATEMENT_TIMEOUT_MS = 8_000;
const SEARCH_PATH = searchPathValue(['public', 'extensions']);
const COLUMNS = '"id", "user_id", "title", "done", "created_at"';
const READ = `select ${COLUMNS} from "public"."bench_notes" where "id" = $1::bigint`;
const INSERT = `insert into "public"."bench_notes" ("user_id", "title") values ($1::uuid, $2::text) returning ${COLUMNS}`;

const document = (nonce: string) =>
  `pg_catalog.json_build_array(${nonce}::text, pg_catalog.count(*), pg_catalog.json_agg(pg_catalog.json_build_array("id"::text, "user_id", "title", "done", "created_at")))::text`;
const READ_DOCUMENT = `select ${document('$2')} from (${READ}) t`;
const INSERT_DOCUMENT = `with t as (${INSERT}) select ${document('$3')} from t`;

interface StatementText {
  readonly name: string;
  readonly access: 'read' | 'write';
  readonly text: string;
  readonly document: string;
}

const STATEMENTS = {
  read: { name: 'raw_read', access: 'read', text: READ, document: READ_DOCUMENT },
  insert: { name: 'raw_insert', access: 'write', text: INSERT, document: INSERT_DOCUMENT },
} satisfies Record<string, StatementText>;

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * The limit of what can be had: the bytes of our own batch, built before the measurement, written to bare
 * sockets; the reply is read up to its ReadyForQuery and thrown away undecoded.
 */
export const rawSocket: Contender = {
  name: 'raw-socket',
  recipe: 'our batch as prebuilt bytes; replies not decoded',
  async open({ url, mode, connections }) {
    const pool = await RawPool.open(url, connections, mode === 'direct' ? prepareBytes() : undefined);
    const reads = Array.from({ length: KEY_COUNT }, (_, n) => readBytes(mode, noteKey(n)));
    const inserts = new Map<Person, Buffer>();
    for (let n = 0; n < PEOPLE_COUNT; n++) inserts.set(newNote(n).person, insertBytes(mode, newNote(n)));

    const open: OpenContender<Buffer> = {
      read: (key) => pool.roundTrip(ownKey(key) ? reads[key.id - 1]! : readBytes(mode, key)),
      insert: (note) =>
        pool.roundTrip(note.owner === note.person.sub ? inserts.get(note.person)! : insertBytes(mode, note)),
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
function prepareBytes(): Buffer {
  const writer = new FrontendWriter();
  for (const statement of Object.values(STATEMENTS)) {
    const setUp = setUpFor(statement.access, 0);
    writer.parse(setUp.name, setUp.text).parse(statement.name, statement.text);
  }
  return writer.sync().finish();
}

function readBytes(mode: BenchMode, { person, id }: NoteKey): Buffer {
  return batchBytes(mode, STATEMENTS.read, person, [String(id)]);
}

function insertBytes(mode: BenchMode, { person, owner, title }: NewNote): Buffer {
  return batchBytes(mode, STATEMENTS.insert, person, [owner, title]);
}

function batchBytes(mode: BenchMode, statement: StatementText, person: Person, values: string[]): Buffer {
  const nonce = nextNonce();
  const actor = {
    kind: 'user',
    role: 'authenticated',
    claims: asciiJson(person.claims),
    key: person.sub,
    expiresAt: undefined,
  } as const;
  const setUp = setUpFor(statement.access, 0);
  const setUpBound = setUpValues(actor, SEARCH_PATH, STATEMENT_TIMEOUT_MS, nonce, []);
  const writer = new FrontendWriter();
  if (mode === 'direct') {
    writer.bind(setUp.name, setUpBound).execute().bind(statement.name, values).execute();
  } else {
    writer.parse('', setUp.text).bind('', setUpBound).execute();
    writer.parse('', statement.document).bind('', values, nonce).execute();
  }
  return writer.sync().finish();
}
