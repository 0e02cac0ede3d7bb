import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  createDatabaseService,
  type FlagSource,
  fileFlag,
  type GuardOptions,
  type RolloutFlag,
  tableFlag,
} from '../../../src/index.ts';
import { serverDatabase } from '../../support/data-api/api-database.ts';
import { FakeDataApi } from '../../support/data-api/fake-data-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/full-stack.ts';
import { OWN_SCHEMA } from '../../support/own-schema.ts';
import { SECRET, tokenOf } from '../user-token.ts';
import { ApiLoad } from './api-load.ts';
import { BreakableNetwork } from './breakable-network.ts';
import { type ApiReport, twoApis } from './two-apis.ts';

export type FlagKind = 'table' | 'file';

export interface LoadSceneOptions {
  readonly flag: FlagKind;
  readonly seed: number;
  /** To each process. */
  readonly connections: number;
  readonly guard: GuardOptions;
}

const NAME = 'load';
const USERS = Array.from({ length: 40 }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
const AT_FIRST = 'there at first';
const SQL = `${OWN_SCHEMA}
  insert into auth.users (id) select id::uuid from unnest('{${USERS.join()}}'::text[]) id;
  insert into profiles (id, username, email)
    select id::uuid, 'user_' || n, n || '@example.com' from unnest('{${USERS.join()}}'::text[]) with ordinality u (id, n);
  insert into trips (owner_id, title) select id, '${AT_FIRST}' from profiles, generate_series(1, 3);
  insert into destinations (name, country_code, latitude, longitude) values
    ('Lisbon', 'PT', 38.7, -9.1), ('Porto', 'PT', 41.1, -8.6), ('Madeira', 'PT', 32.7, -17), ('Azores', 'PT', 37.7, -25.7);`;
const LOOK_EVERY_MS = 20;
/** As generous as a machine may need that does other things. */
const PATIENCE_MS = 60_000;

/** A database, the legacy service's Data API over it, two processes of the API with one flag, and many users who call both. */
export class LoadScene implements AsyncDisposable {
  /** Of the users' calls on the consolidated side. */
  readonly network: BreakableNetwork;
  /** Of the service's own calls there, such as those for the flag. */
  readonly flagNetwork: BreakableNetwork;
  readonly source: FlagSource;
  readonly set: (flag: RolloutFlag) => Promise<void>;
  readonly load: ApiLoad;
  readonly #processes: ReturnType<typeof twoApis>;
  readonly #database: TestDatabase;
  readonly #ends: AsyncDisposableStack;

  private constructor(
    parts: Pick<LoadScene, 'network' | 'flagNetwork' | 'source' | 'set' | 'load'>,
    processes: ReturnType<typeof twoApis>,
    database: TestDatabase,
    ends: AsyncDisposableStack,
  ) {
    ({ network: this.network, flagNetwork: this.flagNetwork } = parts);
    ({ source: this.source, set: this.set, load: this.load } = parts);
    this.#processes = processes;
    this.#database = database;
    this.#ends = ends;
  }

  static async open({ flag, seed, connections, guard }: LoadSceneOptions): Promise<LoadScene> {
    await using ends = new AsyncDisposableStack();
    const database = await createTestDatabase({ migrated: true, sql: SQL });
    ends.defer(() => database.drop());
    const dataApi = ends.use(
      await FakeDataApi.start({ database: serverDatabase(database.adminUrl), secret: SECRET }),
    );
    const network = ends.use(await BreakableNetwork.open(database.user));
    const flagNetwork = ends.use(await BreakableNetwork.open(database.service));
    const { place, source, set } = await (flag === 'table' ? inTable(database, ends) : inFile(ends));
    await set({ percentage: 0 });
    const processes = ends.use(
      twoApis({
        urls: { ...network.urls, service: flagNetwork.urls },
        dataApi: { url: dataApi.url, key: dataApi.anonKey },
        ...{ flag: place, guard },
      }),
    );
    const urls = (await processes.ask({})).map(({ url }) => url);
    const users = await Promise.all(USERS.map(async (id) => ({ id, token: await tokenOf(id) })));
    // It ends before the processes: they wait for requests under way.
    const load = ends.use(new ApiLoad({ urls, users, connections, seed }));
    return new LoadScene({ network, flagNetwork, source, set, load }, processes, database, ends.move());
  }

  /** Whether lists of the consolidated side lack a row. */
  async makeWrong(isWrong: boolean): Promise<void> {
    await this.#processes.ask({ isWrong });
  }

  reports(): Promise<ApiReport[]> {
    return this.#processes.ask({});
  }

  /** Once both say so. */
  untilBoth(what: string, is: (report: ApiReport) => boolean): Promise<void> {
    return until(what, async () => (await this.reports()).every(is));
  }

  /** Once each process has answered so many calls that were made after this moment. */
  async untilAnswers(count: number, since: number): Promise<void> {
    const { answers } = this.load;
    await until(`${count} answers of each process`, async () =>
      [0, 1].every((n) => answers.filter((of) => of.process === n && of.calledAt > since).length >= count),
    );
  }

  /** Titles of trips that are not there once though an answer said that they were made, and of trips that are there twice. */
  async lostOrDoubled(): Promise<string[]> {
    const rows = await this.#database.query<{ title: string }>(
      `select title
         from (select title, count(*) from trips where title <> '${AT_FIRST}' group by title) made
         full join unnest($1::text[]) title using (title)
        where count is distinct from 1`,
      [this.load.made],
    );
    return rows.map(({ title }) => title);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ends.disposeAsync();
  }
}

interface Flag {
  readonly place: { readonly table: string } | { readonly file: string };
  readonly source: FlagSource;
  readonly set: LoadScene['set'];
}

async function inTable({ user, service }: TestDatabase, ends: AsyncDisposableStack): Promise<Flag> {
  const db = ends.use(createDatabaseService({ ...user, service, onWarning: () => {} }));
  const source = tableFlag(db, NAME);
  return { place: { table: NAME }, source, set: (flag) => source.set(flag) };
}

async function inFile(ends: AsyncDisposableStack): Promise<Flag> {
  const folder = await mkdtemp(join(tmpdir(), 'cdb-load-'));
  ends.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, `${NAME}.json`);
  return {
    place: { file },
    source: fileFlag(file),
    async set(flag) {
      await writeFile(`${file}.new`, JSON.stringify(flag));
      await rename(`${file}.new`, file);
    },
  };
}

async function until(what: string, is: () => Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  while (!(await is())) {
    if (signal.aborted) throw new Error(`Waited ${PATIENCE_MS} ms in vain for ${what}.`);
    await pause(LOOK_EVERY_MS);
  }
}
