import { runSlice } from '../../../src/bench/slice.ts';
import { RawPool } from '../../contenders/raw-pool.ts';
import { callOf } from '../calls.ts';
import type { Limit, SuiteClient } from '../contender.ts';
import { recordCalls, type WrittenCall } from './recorded-calls.ts';

/** Questions whose bytes are written before the measurement, and then again and again. */
const QUESTIONS = 300;
/** Of each kind of call: those that prepare statements come before those that only run them. */
const WARM = [0, 1, 2];
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The best possible result: what our own contender writes, recorded and written again to bare sockets. */
export const rawSocket: Limit = {
  name: 'raw-socket',
  recipe: 'a limit: our own bytes, recorded before; replies not decoded',
  source: 'bench/suite/contenders/raw-socket.ts',
  cases: ['select', 'list', 'insert', 'bulk-insert', 'vector-search', 'rpc', 'transaction', 'page'],
  plots: ['work', 'concurrency', 'network', 'rows', 'users'],
  async enter(group, target, questions) {
    const asked = (n: number) => (client: SuiteClient) => callOf(group.case, client, questions)(n);
    const own = questions.trip(0);
    const { startupOptions, first, calls } = await recordCalls(
      target,
      WARM.flatMap((n) => [(client) => client.select(questions.trip(n)), asked(n)]),
      [
        (client) => client.select(own),
        (client) => client.select(questions.foreignTrip(0)),
        ...Array.from({ length: QUESTIONS }, (_, n) => asked(n)),
      ],
    );
    const [ownRow, foreignRow, ...measured] = calls;
    const pool = await RawPool.open(target.url, target.connections, { startupOptions, parts: first });
    try {
      const ownersIn = async (call: WrittenCall = []) => {
        const replies = await pool.call(call);
        return replies.flatMap((reply) => reply.toString('latin1').match(UUID) ?? []);
      };
      const seen = await ownersIn(ownRow);
      const foreign = await ownersIn(foreignRow);
      const others = (await ownersIn(measured[0])).filter((owner) => owner !== own.person.sub);
      if (seen.join() !== own.person.sub || foreign.length > 0 || others.length > 0) {
        throw new Error(`raw-socket read rows of ${[...seen, ...foreign, ...others]}, not only its own.`);
      }
    } catch (error) {
      await pool.close();
      throw error;
    }
    let firstCall = 0;
    return {
      name: 'raw-socket',
      async slice(durationMs, runUpMs) {
        const call = (n: number) => pool.call(measured[n % measured.length]!);
        const slice = await runSlice(call, { tasks: group.tasks, durationMs, runUpMs, firstCall });
        firstCall += slice.calls;
        return slice;
      },
      close: () => pool.close(),
    };
  },
};
