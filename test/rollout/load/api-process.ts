/** A process that serves the API through a rollout, until it is told to end. */
import { createClient } from '@supabase/supabase-js';
import { Hono } from 'hono';
import { serveApi } from '../../../examples/trip-api/serve.ts';
import { TripEvents } from '../../../examples/trip-api/trip-events.ts';
import {
  createDatabaseService,
  createLegacyDatabase,
  createRollout,
  fileFlag,
  tableFlag,
} from '../../../src/index.ts';
import type { Database } from '../../support/database.generated.ts';
import { type Alter, posingSide } from '../posing-side.ts';
import { SECRET } from '../user-token.ts';
import { ServedBy } from './served-by.ts';
import { switchedApi } from './switched-api.ts';
import type { ApiReport, ApiSetUp, ToApi } from './two-apis.ts';

type Public = Database['public'];

const { urls, dataApi, flag, guard }: ApiSetUp = JSON.parse(process.argv[2] ?? '');
const events: ApiReport['events'][number][] = [];
const faults: string[] = [];
let isWrong = false;

const db = createDatabaseService<Database>({
  ...{ ...urls, jwt: { secret: SECRET }, cache: { onlyWatched: true }, onWarning: () => {} },
});
const faithful: Alter = (_, ask) => ask();
const wrongWhenTold: Alter = async ({ operation }, ask) => {
  const answer = await ask();
  return isWrong && operation === 'select' && Array.isArray(answer) ? answer.slice(1) : answer;
};
const served = new ServedBy();
const rollout = createRollout<Public>({
  legacy: posingSide<Public>(
    createLegacyDatabase<Database>({ createClient, ...dataApi }),
    served.noting('legacy', faithful),
  ),
  consolidated: posingSide<Public>(db, served.noting('consolidated', wrongWhenTold)),
  flag: flag.file === undefined ? tableFlag(db, flag.table ?? '') : fileFlag(flag.file),
  guard,
  onEvent: (event) => void events.push({ at: Date.now(), event }),
  onWarning: () => {},
});

const app = new Hono();
app.use(served.header);
app.route(
  '/',
  switchedApi({ verifier: db, operations: rollout, log: (fault) => void faults.push(JSON.stringify(fault)) }),
);
await rollout.ready();
const { url, stop } = await serveApi(app, { events: new TripEvents(), port: 0 });

process.on('message', (message: ToApi) => void answer(message));

async function answer(message: ToApi): Promise<void> {
  isWrong = message.isWrong ?? isWrong;
  if (message.end === true) {
    await stop();
    await rollout.close();
    await db.close();
    process.disconnect();
    return;
  }
  const { killed = false, percentage = 0 } = rollout.status().flag ?? {};
  const isTripped = rollout.status().trip !== undefined;
  const isWell =
    rollout.status().source === 'readable' &&
    db.getConnectionStats().every(({ breaker }) => breaker === 'closed');
  process.send?.({ url, percentage, killed, isTripped, isWell, events, faults } satisfies ApiReport);
}
