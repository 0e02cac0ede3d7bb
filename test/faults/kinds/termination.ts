/** SIGTERM to a process beneath its load: what is under way gets its answer, and the process ends by itself. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, FaultStage } from '../fault.ts';
import type { EndedOperation } from '../load.ts';
import type { TerminatedReport, TerminatedTask } from './terminated-process.ts';

const RESERVED = 20_000;
const LOAD_MS = 500;
/** For what is under way, whose operations have up to three seconds. */
const MOST_MS = 5_000;

function termination(name: string, order: TerminatedTask['order'], allowedErrors: RegExp): Fault {
  return {
    name,
    play: async (stage) => {
      const ended: EndedOperation[] = [];
      stage.judge(ended);
      stage.notes.allowedErrors = allowedErrors;
      do {
        await terminate(stage, order, ended);
      } while (ended.length < stage.operations && stage.notes.broken.length === 0);
    },
  };
}

export const TERMINATIONS: readonly Fault[] = [
  // As the guide has it: first no request is taken any more, then the service is closed.
  termination('SIGTERM under load', 'callers first', /^$/),
  // Those who come are refused.
  termination('SIGTERM, callers go on', 'service first', /^SERVICE_CLOSED$/),
];

async function terminate(
  { servers, notes, random }: FaultStage,
  order: TerminatedTask['order'],
  ended: EndedOperation[],
): Promise<void> {
  await servers.numbers.seedAhead();
  const task: TerminatedTask = {
    user: servers.user,
    service: servers.service,
    numbers: servers.numbers.reserve(RESERVED),
    seed: random.below(2 ** 31),
    order,
  };
  const child = fork(new URL('./terminated-process.ts', import.meta.url), [], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  let report: TerminatedReport | undefined;
  const working = new Promise<void>((resolve, reject) => {
    child.on('message', (message: 'working' | TerminatedReport) => {
      if (message === 'working') resolve();
      else report = message;
    });
    child.once('exit', (code) => reject(new Error(`the process ended with ${code} before it worked`)));
  });
  child.send(task);
  await working;
  await pause(LOAD_MS);
  const killedAt = performance.now();
  child.kill('SIGTERM');
  const [code, signal] = await exited;
  const tookMs = performance.now() - killedAt;
  // `shutdown` leaves it to the signal to end the process.
  const isWell = order === 'callers first' ? signal === 'SIGTERM' : code === 0;
  notes.expect(isWell, `the process ended with ${signal ?? `code ${code}`}`);
  notes.expect(tookMs < MOST_MS, `the process ended ${Math.round(tookMs)} ms after SIGTERM`);
  notes.expect(report !== undefined, 'the process told nothing of what it had done');
  if (report === undefined) return;
  notes.struck += report.underWay;
  const [lost] = report.unanswered;
  notes.expect(
    lost === undefined,
    `${report.unanswered.length} that were under way got no answer: ${lost?.kind}, ${lost?.words}`,
  );
  for (const end of report.ended) ended.push(end);
}
