/** A run in words: what was told and found, the table of hits, what was wrong and how to do it again. */
import type { ModeName } from '../../src/index.ts';
import type { Cell, Cells } from './cells.ts';
import { CHANCE_RULE, FEWEST_BOUNDARIES, tooFewBoundaries } from './chance.ts';
import type { Tally } from './tally.ts';

/** Rows are boundaries, columns kinds, a table for each mode; `·` is a cell that cannot be. */
export function tableOf(cells: Cells): string {
  const modes = [...new Set(cells.all.map(({ mode }) => mode))];
  return modes
    .map((mode) =>
      tableOfMode(
        mode,
        cells.all.filter((cell) => cell.mode === mode),
      ),
    )
    .join('\n\n');
}

function tableOfMode(mode: ModeName, cells: readonly Cell[]): string {
  const kinds = [...new Set(cells.map(({ kind }) => kind.name))];
  const names = [...new Set(cells.map(({ name }) => name))].sort(byKindOfName);
  const hits = new Map(cells.map((cell) => [`${cell.kind.name} ${cell.name}`, cell.hits]));
  const width = Math.max(...names.map((name) => name.length));
  const heads = kinds.map((kind, i) => `  ${String.fromCharCode(65 + i)} ${kind}`);
  const line = (name: string): string => {
    const row = kinds.map((kind) => String(hits.get(`${kind} ${name}`) ?? '·').padStart(5)).join('');
    return `${name.padEnd(width)}${row}`;
  };
  const letters = kinds.map((_, i) => String.fromCharCode(65 + i).padStart(5)).join('');
  return [
    `${mode}: hits by boundary or fault`,
    ...heads,
    `${''.padEnd(width)}${letters}`,
    ...names.map(line),
  ].join('\n');
}

/** Faults first, then the parts in their order. */
function byKindOfName(one: string, other: string): number {
  const rank = (name: string): number => (name.includes(': ') ? 1 : 0);
  return rank(one) - rank(other) || one.localeCompare(other);
}

export function summaryOf(tally: Tally, cells: Cells): string {
  const { all, lacking, leftOut } = cells;
  const least = Math.min(...all.filter((cell) => !leftOut.includes(cell)).map(({ hits }) => hits));
  return [
    `${tally.operations} operations, ${tally.hits} hits in ${all.length} cells (least ${least}, ${lacking.length} cells lack hits, ${leftOut.length} are left out)`,
    `${tally.wrong.length} wrong, ${tally.unsettled} unsettled, the latest ${tally.latestMs.toFixed(0)} ms after its time: ${tally.latest}; ${tally.latestPassedMs.toFixed(0)} ms with the time for which this process stood still`,
    `told: ${listOf(tally.told)}`,
    ...[...tally.known].map(([what, times]) => `known fault, ${times} times: ${what}`),
    `seed ${tally.seed} (CDB_OUTCOMES_SEED)`,
  ].join('\n');
}

export function wrongsOf({ wrong }: Tally): string[] {
  return wrong.map(
    ({ op, mode, kind, cell, told, words, found, why, again }) =>
      `operation ${op}, ${mode} · ${kind} · ${cell}: ${why}\n  told ${told}${words === '' ? '' : ` (${words})`}, found ${found}\n  again: npm run test:outcomes -- --again '${again}'`,
  );
}

export function missingOf({ missing, all }: Cells): string[] {
  const seen =
    'a message without a number has no place in that conversation, and before a message is after the one ahead of it';
  const reasons = [...missing].map(
    ([why, cells]) => `${cells.length} cells cannot be: ${why} (${abridged(cells)})`,
  );
  return [...reasons, `${all.length} cells can be; ${seen}`];
}

/** What a run lacks, and what it left out. */
export function lackingOf(cells: Cells): string[] {
  const placeOf = ({ mode, kind, name }: Cell): string => `${mode} · ${kind.name} · ${name}`;
  const leftOut = cells.leftOut.map((cell) => {
    const unmet = cells.unmetOf(cell);
    return `  ${placeOf(cell)} (${cell.hits} in ${cell.tries} tries, passed by ${cell.seen} of ${unmet})`;
  });
  const boundaries = (Object.keys(FEWEST_BOUNDARIES) as ModeName[])
    .filter((mode) => FEWEST_BOUNDARIES[mode] > 0)
    .map((mode) => `${mode} ${cells.boundariesOf(mode)} (at least ${FEWEST_BOUNDARIES[mode]})`);
  return [
    `boundaries of all kinds: ${boundaries.join(', ')}`,
    `${leftOut.length} cells are left out, ${CHANCE_RULE}${leftOut.length === 0 ? '' : ':'}`,
    ...leftOut,
    ...cells.lacking.map((cell) => `lacks hits (${cell.hits} in ${cell.tries} tries): ${placeOf(cell)}`),
    ...tooFewBoundaries((mode) => cells.boundariesOf(mode)),
  ];
}

function abridged(cells: readonly string[]): string {
  const shown = cells.slice(0, 2).join('; ');
  return cells.length > 2 ? `${shown}; …` : shown;
}

function listOf(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');
}

/** All of it for a program. */
export function jsonOf(tally: Tally, cells: Cells, hits: number): unknown {
  const leftOut = new Set(cells.leftOut);
  return {
    seed: tally.seed,
    operations: tally.operations,
    hits: tally.hits,
    wrong: tally.wrong,
    uncaught: tally.uncaught,
    unsettled: tally.unsettled,
    latestMs: tally.latestMs,
    latest: tally.latest,
    latestPassedMs: tally.latestPassedMs,
    known: Object.fromEntries(tally.known),
    told: Object.fromEntries(tally.told),
    errors: Object.fromEntries([...tally.errors].sort(([, one], [, other]) => other - one)),
    wantedHits: hits,
    cells: cells.all.map((cell) => ({
      mode: cell.mode,
      kind: cell.kind.name,
      name: cell.name,
      hits: cell.hits,
      tries: cell.tries,
      seen: cell.seen,
      unmet: cells.unmetOf(cell),
      leftOut: leftOut.has(cell),
    })),
    tooFewBoundaries: tooFewBoundaries((mode) => cells.boundariesOf(mode)),
    missing: Object.fromEntries(cells.missing),
  };
}
