import { writeFile } from 'node:fs/promises';
import { describeMachine } from '../../src/bench/machine.ts';
import type { Output } from '../../src/bench/run-output.ts';
import { readable, textTable } from '../../src/bench/text-table.ts';
import type { BenchMode, Target } from '../contender.ts';
import { allOn, consolidatedDb } from '../contenders/consolidated-db.ts';
import type { BenchDatabase } from '../database.ts';
import { newNote, noteKey, SEED_SQL } from '../notes.ts';
import { type CpuPerCall, cpuPerCall } from './cpu-per-call.ts';
import { replayModes } from './replayed-service.ts';
import { SPOTS_SQL, searchCost } from './search-cost.ts';

export interface LayersOptions {
  readonly rounds: number;
  readonly jsonFile: string | undefined;
}

interface LayersResult extends CpuPerCall {
  readonly case: Case;
  readonly mode: BenchMode;
  readonly listeners: Listeners;
}

type Case = 'rls-read' | 'rls-insert' | 'rls-read-10' | 'rls-search-10';
type Listeners = 'none' | 'metrics and all listeners';

/** CPU microseconds per call that all layers above the batch may take together. */
const WANTED_CPU_US = 5;
/** What choosing how a vector search is made may take more than a select of as many rows. */
const WANTED_SEARCH_US = 10;
const MODES: readonly BenchMode[] = ['direct', 'transaction'];
const CONTENDERS: readonly (readonly [Listeners, typeof consolidatedDb])[] = [
  ['none', consolidatedDb],
  ['metrics and all listeners', allOn],
];

/** Measures the public calls with a mode that answers immediately; true when all stay within the limit. */
export async function runLayersBench(
  options: LayersOptions,
  database: BenchDatabase,
  output: Output,
): Promise<boolean> {
  output.line(describeMachine());
  output.line(
    'the mode is a fake that replays one recorded reply; only facade, compile, decode and telemetry are measured\n',
  );
  await database.query(SEED_SQL);
  const results: LayersResult[] = [];
  for (const mode of MODES) {
    for (const [listeners, contender] of CONTENDERS) {
      output.progress(`layers above ${mode}, listeners: ${listeners}`);
      const measured = await measureContender(
        contender,
        { url: database.urls[mode], mode, connections: 1 },
        options.rounds,
      );
      results.push(...measured.map((each) => ({ ...each, mode, listeners })));
    }
  }

  await database.query(SPOTS_SQL);
  const searches: LayersResult[] = [];
  const added: number[] = [];
  for (const mode of MODES) {
    output.progress(`vector searches above ${mode}`);
    const { select, search } = await searchCost(database.urls[mode], mode, options.rounds);
    searches.push({ case: 'rls-read-10', ...select, mode, listeners: 'none' });
    searches.push({ case: 'rls-search-10', ...search, mode, listeners: 'none' });
    added.push(search.cpuUs - select.cpuUs);
  }

  for (const line of table([...results, ...searches])) output.line(line);
  const worst = Math.max(...results.map(({ cpuUs }) => cpuUs));
  output.line(
    `wanted: a read or an insert at most ${WANTED_CPU_US} µs; measured at most ${worst.toFixed(1)} µs: ${verdict(worst <= WANTED_CPU_US)}`,
  );
  const most = Math.max(...added);
  output.line(
    `wanted: a vector search at most ${WANTED_SEARCH_US} µs above a read of as many rows; measured at most ${most.toFixed(1)} µs: ${verdict(most <= WANTED_SEARCH_US)}`,
  );
  if (options.jsonFile !== undefined) {
    const rows = [...results, ...searches].map((each) => ({
      bench: 'layers',
      ...each,
      runs: options.rounds,
    }));
    await writeFile(options.jsonFile, `${JSON.stringify(rows, undefined, 2)}\n`);
  }
  return worst <= WANTED_CPU_US && most <= WANTED_SEARCH_US;
}

function verdict(kept: boolean): string {
  return kept ? 'met' : 'MISSED';
}

async function measureContender(
  contender: typeof consolidatedDb,
  target: Target,
  rounds: number,
): Promise<(CpuPerCall & Pick<LayersResult, 'case'>)[]> {
  const restore = replayModes();
  const db = await contender.open(target);
  try {
    return [
      { case: 'rls-read', ...(await cpuPerCall((n) => db.read(noteKey(n)), rounds)) },
      { case: 'rls-insert', ...(await cpuPerCall((n) => db.insert(newNote(n)), rounds)) },
    ];
  } finally {
    await db.close();
    restore();
  }
}

function table(results: readonly LayersResult[]): string[] {
  return textTable(
    [
      { title: 'case', align: 'left' },
      { title: 'replies as in mode', align: 'left' },
      { title: 'listeners', align: 'left' },
      { title: 'CPU µs/call', align: 'right' },
      { title: 'calls/s', align: 'right' },
    ],
    results.map((each) => [
      each.case,
      each.mode,
      each.listeners,
      readable(each.cpuUs),
      readable(each.perSecond),
    ]),
  );
}
