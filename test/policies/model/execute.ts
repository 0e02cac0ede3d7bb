import type { Operation, Statement } from '../operation.ts';
import { RAW_STATEMENTS } from '../raw-statements.ts';
import type { Caller } from './caller.ts';
import { call } from './functions.ts';
import { type Answer, isRefused, type Outcome } from './outcome.ts';
import { count, select } from './read.ts';
import type { World } from './world.ts';
import { write } from './write.ts';

/** What an operation answers: of a batch or a transaction the answers of its statements, up to the one that failed it. */
export interface Played {
  readonly answers: readonly Answer[];
  readonly world: World;
}

/** The ids that the database made up for new rows of functions, in their order. */
export type MadeIds = Iterator<string>;

export function execute(world: World, caller: Caller, operation: Operation, made: MadeIds): Played {
  if (operation.kind === 'transaction') {
    const played = executeAll(world, operation.steps.length, (before, index) => {
      const step = operation.steps[index]!;
      if (step.kind !== 'savepoint') return one(before, caller, step, made);
      const inner = executeAll(before, step.statements.length, (at, which) =>
        one(at, caller, step.statements[which]!, made),
      );
      // The failure of a savepoint is caught.
      return { ...inner, failed: false };
    });
    return operation.end === 'rollback' ? { answers: played.answers, world } : played;
  }
  if (operation.kind === 'batch') {
    const { statements } = operation;
    const played = executeAll(world, statements.length, (before, index) =>
      one(before, caller, statements[index]!, made),
    );
    // A batch that fails tells why, and nothing of what went before.
    const last = played.answers.at(-1);
    return isRefused(last) ? { answers: [last], world } : played;
  }
  return one(world, caller, operation, made);
}

interface Step extends Played {
  readonly failed: boolean;
}

/** All or nothing. */
function executeAll(world: World, steps: number, run: (before: World, index: number) => Step): Step {
  let after = world;
  const answers: Answer[] = [];
  for (let index = 0; index < steps; index++) {
    const step = run(after, index);
    answers.push(...step.answers);
    if (step.failed) return { answers, world, failed: true };
    after = step.world;
  }
  return { answers, world: after, failed: false };
}

function one(world: World, caller: Caller, statement: Statement, made: MadeIds): Step {
  const { answer, world: after } = outcomeOf(world, caller, statement, made);
  return { answers: [answer], world: after, failed: isRefused(answer) };
}

function outcomeOf(world: World, caller: Caller, statement: Statement, made: MadeIds): Outcome {
  switch (statement.kind) {
    case 'select':
      return { world, answer: select(world, caller, statement) };
    case 'count':
      return { world, answer: count(world, caller, statement) };
    case 'rpc':
      return call(world, caller, statement, () => made.next().value ?? 'none');
    case 'raw':
      return RAW_STATEMENTS[statement.name]!.outcome(world, caller, statement.values);
    default:
      return write(world, caller, statement);
  }
}
