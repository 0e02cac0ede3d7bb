/**
 * Many users at once over few connections, each looking only for what is not theirs.
 */

import { type DatabaseError, user } from '../../src/index.ts';
import { ALLOWED_LATE_MS, settledBy } from '../hostile/settle.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import type { DatabaseService } from './service-over.ts';
import { subjectOf } from './soak-database.ts';
import { drawCall, type Seen, type SoakCall, type SoakUser } from './soak-work.ts';

export interface SoakOptions {
  readonly mode: 'session' | 'transaction';
  readonly statements: number;
  readonly seed: number;
  /** @defaultValue 50 */
  readonly users?: number;
  /** @defaultValue 32 */
  readonly tasks?: number;
  /**
   * Time for each call that is not made to run out of it.
   *
   * @defaultValue 10_000
   */
  readonly patienceMs?: number;
}

export interface SoakTally {
  answered: number;
  rows: number;
  /** Rows of another user, or identities that were not the caller's. What must never be. */
  foreign: number;
  /** Calls that had not settled five seconds after their deadline. */
  unsettled: number;
  /** Calls that settled more than a second after their deadline or abort: how they ended, and when. */
  readonly late: string[];
  /** Milliseconds of the latest one. */
  latestMs: number;
  /** Errors that a call was made to fail with. */
  readonly expected: Record<string, number>;
  /** All other errors, by code and outcome. */
  readonly unexpected: Record<string, number>;
  /** Notes that must be there, as the call that wrote them was answered. */
  readonly written: string[];
  /** Notes that must not be there, as their call was refused with the outcome `not-applied`. */
  readonly notApplied: string[];
}

export async function runSoak(db: DatabaseService, options: SoakOptions): Promise<SoakTally> {
  const { statements, seed, users = 50, tasks = 32, patienceMs = 10_000 } = options;
  const tally: SoakTally = {
    answered: 0,
    rows: 0,
    foreign: 0,
    unsettled: 0,
    late: [],
    latestMs: Number.NEGATIVE_INFINITY,
    expected: {},
    unexpected: {},
    written: [],
    notApplied: [],
  };
  let left = statements;
  const work = async (task: number): Promise<void> => {
    const random = new SeededRandom(seed * 1_000 + task);
    for (let i = 0; left > 0; i++) {
      left--;
      const number = random.below(users);
      const subject = subjectOf(number);
      const actor: SoakUser = {
        subject,
        random,
        patienceMs,
        db: db.as(user({ sub: subject })),
        newBody: (kind) => `${subject} ${kind} ${task}.${i}`,
        other: subjectOf((number + 1 + random.below(users - 1)) % users),
      };
      await makeCall(drawCall(actor), subject, options.mode, tally);
    }
  };
  await Promise.all(Array.from({ length: tasks }, (_, task) => work(task)));
  return tally;
}

async function makeCall(
  call: SoakCall,
  subject: string,
  mode: SoakOptions['mode'],
  tally: SoakTally,
): Promise<void> {
  const { timeoutMs, abortAfterMs } = call;
  const signal = abortAfterMs === undefined ? undefined : AbortSignal.timeout(abortAfterMs);
  const deadline = performance.now() + Math.min(timeoutMs, abortAfterMs ?? timeoutMs);
  const made = call.make({ mode, timeoutMs, ...(signal !== undefined && { signal }) });
  const settled = await settledBy(deadline, made);
  if (settled.how === 'never') {
    tally.unsettled++;
    return;
  }
  tally.latestMs = Math.max(tally.latestMs, settled.lateMs);
  if (settled.lateMs > ALLOWED_LATE_MS) {
    const how = settled.how === 'refused' ? settled.error.code : settled.how;
    tally.late.push(`${how} after ${Math.round(settled.lateMs)} ms`);
  }
  if (settled.how === 'refused') noteRefusal(call, settled.error, tally);
  else noteAnswer(call, settled.value, subject, tally);
}

function noteAnswer(call: SoakCall, seen: Seen, subject: string, tally: SoakTally): void {
  tally.answered++;
  tally.rows += seen.notes.length;
  const isForeign = (note: Seen['notes'][number]) =>
    note.owner !== subject || !note.body.startsWith(`${subject} `);
  tally.foreign += seen.notes.filter(isForeign).length;
  tally.foreign += (seen.identities ?? []).filter((identity) => identity !== subject).length;
  if (call.writes !== undefined) tally.written.push(call.writes);
  if (call.fails !== undefined) count(tally.unexpected, `answered instead of ${call.fails}`);
}

function noteRefusal(call: SoakCall, error: DatabaseError, tally: SoakTally): void {
  if (call.writes !== undefined && error.outcome === 'not-applied') tally.notApplied.push(call.writes);
  const wanted = call.abortAfterMs === undefined ? call.fails : 'ABORTED';
  if (error.code === wanted) count(tally.expected, error.code);
  else count(tally.unexpected, `${error.code} ${error.outcome}`);
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
