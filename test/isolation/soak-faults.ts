import type { Aftermath } from './soak-scene.ts';

/** What must not have happened in a soak, each in words. Empty when all is well. */
export function faultsOf({ tally, wire, notes, ...after }: Aftermath): string[] {
  const none: readonly (readonly [number, string])[] = [
    [tally.foreign, "rows or identities of another user's came to a caller"],
    [tally.unsettled, 'calls never settled'],
    [tally.late.length, `calls settled more than a second after their time: ${tally.late.join(', ')}`],
    [notes.misattributed, 'notes were written as another user'],
    [notes.lost, 'notes are missing whose call was answered'],
    [notes.ghosts, 'notes are there whose call said that nothing was applied'],
    [notes.ofFailures, 'notes of a failed function stayed'],
    [after.orphans, 'server processes work on'],
    [after.openAfterClose, 'connections stayed open after the service was closed'],
    [wire.bareSyncs, 'Syncs went out alone'],
    [Math.max(0, wire.maxSyncsOutstanding - 1), 'Syncs too many were outstanding on a connection'],
  ];
  return none.filter(([count]) => count !== 0).map(([count, words]) => `${count} ${words}`);
}
