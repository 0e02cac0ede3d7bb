import { Connections } from '../../src/consolidated/connections/connections.ts';
import type { Batch, CallLimits, ConnectionMode } from '../../src/contract/mode.ts';
import type { Plan } from '../../src/contract/statement.ts';
import type { Target } from '../contender.ts';
import { newNote, noteKey } from '../notes.ts';
import { consolidatedDb } from './consolidated-db.ts';

export interface RecordedPlans {
  readonly read: Plan;
  readonly insert: Plan;
}

/** What our own contender sends for a read and an insert: the bare socket sends the same. */
export async function recordPlans(target: Target): Promise<RecordedPlans> {
  const plans: Plan[] = [];
  const real = Connections.prototype.choose;
  Connections.prototype.choose = function choose(this: Connections, ...args: Parameters<typeof real>) {
    return recording(real.apply(this, args), ({ statements }) => plans.push(statements[0]!.plan));
  };
  const open = await consolidatedDb.open({ ...target, connections: 1 });
  try {
    await open.read(noteKey(0));
    const read = plans.at(-1);
    await open.insert(newNote(0));
    const insert = plans.at(-1);
    if (read === undefined || insert === undefined || read === insert) {
      throw new Error('A call sent no statement that could be recorded.');
    }
    return { read, insert };
  } finally {
    Connections.prototype.choose = real;
    await open.close();
  }
}

function recording(mode: ConnectionMode, onBatch: (batch: Batch) => void): ConnectionMode {
  const run = (batch: Batch, limits: CallLimits) => {
    onBatch(batch);
    return mode.run(batch, limits);
  };
  return new Proxy(mode, {
    get: (_, name) => {
      if (name === 'run') return run;
      const member: unknown = Reflect.get(mode, name, mode);
      return typeof member === 'function' ? member.bind(mode) : member;
    },
  });
}
