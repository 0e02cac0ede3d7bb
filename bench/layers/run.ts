import { writeFile } from 'node:fs/promises';
import type { BenchMode } from '../contender.ts';
import { consolidatedDb } from '../contenders/consolidated-db.ts';
import type { BenchDatabase } from '../database.ts';
import { describeMachine } from '../machine.ts';
import { newNote, noteKey, SEED_SQL } from '../notes.ts';
import type { Output } from '../output.ts';
import { readable, textTable } from '../text-table.ts';
import { type CpuPerCall, cpuPerCall } from './cpu-per-call.ts';
import { replayModes } from './replayed-service.ts';

export interface LayersOptions {
  readonly rounds: number;
  readonly jsonFile: string | undefined;
}

interface LayersResult extends CpuPerCall {
  readonly case: 'rls-read' | 'rls-insert';
  readonly mode: BenchMode;
}

/** CPU microseconds per call that all layers above the batch may take together. */
const WANTED_CPU_US = 5;
const MODES: readonly BenchMode[] = ['direct', 'transaction'];

/** Measures the public calls with a mode that answers immediately; true when all stay within the limit. */
export async function runLayersBench(
  options: LayersOptions,
  database: BenchDatabase,
  output: Output,
): Promise<boolean> {
  output.line(describeMachine());
  output.line(
    'the mode is a fake that replays one recorded reply; only facade, compile and decode are measured\n',
  );
  await database.query(SEED_SQL);
  const results: LayersResult[] = [];
  for (const mode of MODES) {
    output.progress(`layers above ${mode}`);
    results.push(...(await measureMode(mode, database.urls[mode], options.rounds)));
  }

  for (const line of table(results)) output.line(line);
  const worst = Math.max(...results.map(({ cpuUs }) => cpuUs));
  const kept = worst <= WANTED_CPU_US;
  output.line(
    `wanted: at most ${WANTED_CPU_US} µs; measured at most ${worst.toFixed(1)} µs: ${kept ? 'met' : 'MISSED'}`,
  );
  if (options.jsonFile !== undefined) {
    const rows = results.map((each) => ({ bench: 'layers', ...each, runs: options.rounds }));
    await writeFile(options.jsonFile, `${JSON.stringify(rows, undefined, 2)}\n`);
  }
  return kept;
}

async function measureMode(mode: BenchMode, url: string, rounds: number): Promise<LayersResult[]> {
  const restore = replayModes();
  const db = await consolidatedDb.open({ url, mode, connections: 1 });
  try {
    return [
      { case: 'rls-read', mode, ...(await cpuPerCall((n) => db.read(noteKey(n)), rounds)) },
      { case: 'rls-insert', mode, ...(await cpuPerCall((n) => db.insert(newNote(n)), rounds)) },
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
      { title: 'CPU µs/call', align: 'right' },
      { title: 'calls/s', align: 'right' },
    ],
    results.map((each) => [each.case, each.mode, readable(each.cpuUs), readable(each.perSecond)]),
  );
}
