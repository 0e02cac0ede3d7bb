/** A process that sends calls of many users through a rollout, one after the other in each of several lanes, until it is told to end. */
import {
  ConnectionError,
  createDatabaseService,
  createRollout,
  type DatabaseOperations,
  fileFlag,
  type Side,
  tableFlag,
} from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import { type Alter, posingSide } from './posing-side.ts';
import type { ProcessReport, ProcessSetUp, ToProcess } from './two-processes.ts';
import { SECRET } from './user-token.ts';

type Public = Database['public'];

const LANES = 4;

const { urls, flag, tokens, guard }: ProcessSetUp = JSON.parse(process.argv[2] ?? '');
const db = createDatabaseService<Database>({
  ...{ ...urls, jwt: { secret: SECRET }, cache: { onlyWatched: true }, onWarning: () => {} },
});
let fault: ToProcess['fault'] = 'none';
const report = newReport();

const faulty: Alter = async (_, ask) => {
  if (fault === 'failing') throw new ConnectionError('a fault that is planted');
  const answer = await ask();
  if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, 200));
  return answer;
};
const counted =
  (side: Side, alter: Alter): Alter =>
  (call, ask) => {
    report.calls[side] += 1;
    report.lastAt[side] = Date.now();
    if (call.operation === 'insert') report.writes += 1;
    return alter(call, ask);
  };

// The legacy service is a fake: this one, which poses as it.
const rollout = createRollout<Public>({
  legacy: posingSide<Public>(
    db,
    counted('legacy', (_, ask) => ask()),
  ),
  consolidated: posingSide<Public>(db, counted('consolidated', faulty)),
  flag: flag.file === undefined ? tableFlag(db, flag.table ?? '') : fileFlag(flag.file),
  guard,
  onEvent: (event) => void report.events.push(event.type),
  onWarning: () => {},
});

let isEnding = false;
await rollout.ready();
const lanes = Promise.all(Array.from({ length: LANES }, (_, lane) => run(lane)));

process.on('message', (message: ToProcess) => void answer(message));

async function answer(message: ToProcess): Promise<void> {
  fault = message.fault ?? fault;
  if (message.reset === true) await rollout.reset();
  if (message.end === true) {
    isEnding = true;
    await lanes;
    await rollout.close();
    await db.close();
    process.disconnect();
    return;
  }
  const { killed = false, percentage = 0 } = rollout.status().flag ?? {};
  const told: ProcessReport = {
    ...report,
    ...{ killed, percentage, tripped: rollout.status().trip?.reason },
  };
  process.send?.(told);
  if (message.clear === true) Object.assign(report, newReport());
}

async function run(lane: number): Promise<void> {
  for (let n = lane; !isEnding; n += LANES) {
    const user = rollout.withToken(tokens[n % tokens.length] ?? '');
    try {
      await call(user, n);
    } catch (error) {
      if (fault === 'none') report.failures.push(String(error));
    }
  }
}

async function call(user: DatabaseOperations<Public>, n: number): Promise<void> {
  if (n % 5 === 0) await user.insert('trips', { title: `trip ${n}` }, { returning: false });
  else await user.select('trips', { columns: ['id', 'title'], orderBy: 'id', limit: 5 });
}

function newReport(): Omit<ProcessReport, 'killed' | 'percentage' | 'tripped'> {
  return {
    calls: { legacy: 0, consolidated: 0 },
    lastAt: { legacy: 0, consolidated: 0 },
    writes: 0,
    failures: [],
    events: [],
  };
}
