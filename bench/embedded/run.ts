import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describeMachine } from '../../src/bench/machine.ts';
import type { Output } from '../../src/bench/run-output.ts';
import { median, rotated } from '../../src/bench/statistics.ts';
import { readable, textTable } from '../../src/bench/text-table.ts';
import { service } from '../../src/index.ts';
import { type OpenPlace, openPlace, PLACES, type Place } from './place.ts';

const SLICE_MS = 1_000;

/** PGlite in its own thread and in the thread of its callers, in turns. Prints medians of the rounds. */
export async function runEmbeddedBench(rounds: number, output: Output): Promise<void> {
  output.line(describeMachine());
  const table = new Map<string, Map<Place, number[]>>();
  const add = (title: string, place: Place, value: number): void => {
    const row = table.get(title) ?? new Map<Place, number[]>();
    table.set(title, row.set(place, [...(row.get(place) ?? []), value]));
  };
  const places = new Map<Place, OpenPlace>();
  for (const place of PLACES) places.set(place, await openPlace(place));
  for (let round = 0; round < rounds; round++) {
    for (const [title, measure] of RATES) {
      for (const place of rotated(PLACES, round)) {
        output.progress(`round ${round + 1} of ${rounds}: ${title}, ${place}`);
        add(title, place, await measure(places.get(place)!));
      }
    }
  }
  for (const open of places.values()) await open[Symbol.asyncDispose]();
  for (let round = 0; round < rounds; round++) {
    for (const place of rotated(PLACES, round)) {
      output.progress(`round ${round + 1} of ${rounds}: opening, ${place}`);
      const { ms, megabytes } = openOnce(place);
      add('ms until the first answer of a process', place, ms);
      add('MB of memory then', place, megabytes);
    }
  }
  const rows = [...table].map(([title, row]) => [
    title,
    ...PLACES.map((place) => readable(median(row.get(place)!))),
  ]);
  const titles = PLACES.map((title) => ({ title, align: 'right' as const }));
  for (const line of textTable([{ title: '', align: 'left' }, ...titles], rows)) output.line(line);
}

const RATES: readonly (readonly [string, (open: OpenPlace) => Promise<number>])[] = [
  ['reads by key a second, one after the other', (open) => readsPerSecond(open, 1)],
  ['reads by key a second, 32 tasks', (open) => readsPerSecond(open, 32)],
  ['reads of 10,000 rows a second', (open) => scansPerSecond(open)],
];

function readsPerSecond({ db }: OpenPlace, tasks: number): Promise<number> {
  const mine = db.as(service());
  return perSecond(tasks, (i) => mine.select('notes', { filters: { id: 1 + (i % 10_000) } }));
}

function scansPerSecond({ db }: OpenPlace): Promise<number> {
  return perSecond(1, () => db.as(service()).select('notes'));
}

async function perSecond(tasks: number, call: (i: number) => Promise<unknown>): Promise<number> {
  // Not measured: the turn of the other place has used the caches.
  for (let i = 0; i < 5; i++) await call(i);
  const startedAt = performance.now();
  let calls = 0;
  const task = async (): Promise<void> => {
    while (performance.now() - startedAt < SLICE_MS) await call(calls++);
  };
  await Promise.all(Array.from({ length: tasks }, task));
  return (calls * 1_000) / (performance.now() - startedAt);
}

function openOnce(place: Place): { readonly ms: number; readonly megabytes: number } {
  const script = join(import.meta.dirname, 'open-once.ts');
  return JSON.parse(execFileSync(process.execPath, [script, place], { encoding: 'utf8' }));
}
