import { type Call, known } from '../call/call.ts';
import { readableOf } from '../call/ready-statement.ts';
import type { IdentityNumbers } from './cache-key.ts';
import type { Asked } from './kept-answer.ts';

/** Another one where an answer is written or read otherwise than before, so that versions do not read each other's. */
const FORMAT = 1;

/**
 * All that decides an answer besides what is in the tables, in words that mean the same in every process: unlike those of the
 * key in memory, which are numbers of this one. It has the claims of the caller in it.
 *
 * @param service what the options decide of all answers, and the database
 */
export function storedQuestion(
  call: Call,
  { request, isForStatedTime, isPublic }: Asked,
  identities: Pick<IdentityNumbers, 'textOf'>,
  service: readonly string[],
): string {
  const { statements, settings, recallable } = known(call.ready);
  const actor = known(call.actor);
  return JSON.stringify([
    FORMAT,
    service,
    isPublic ? ['role', actor.role] : ['identity', identities.textOf(actor)],
    known(recallable).method,
    // What its columns are read as.
    readableOf(known(call.ready), 'document'),
    statements.map(({ plan, values }) => [plan.text, values]),
    settings ?? [],
    [...request.tags].sort(),
    isForStatedTime,
  ]);
}
