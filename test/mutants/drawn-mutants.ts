import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { AREAS, type Area } from './areas.ts';
import { smallChanges } from './small-changes.ts';
import { sourceSymbols, symbolAt } from './source-symbols.ts';

/** A small change of the source text, made by rule and drawn by chance. */
export interface DrawnMutant {
  readonly area: Area['name'];
  readonly file: string;
  readonly symbol: string;
  /** What stands there and what is put in its place, in one line: how the list of equivalents names it. */
  readonly change: string;
  /** The text of the whole file with the change made. */
  readonly text: string;
}

/** Files whose mutants are drawn: the code of an area, without its tests. */
function filesOf(root: string, area: Area): string[] {
  return area.folders
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort();
}

/** All mutants that could be drawn from one source text. */
export function candidatesOf(text: string, file: string, area: Area['name']): DrawnMutant[] {
  const symbols = sourceSymbols(text);
  const seen = new Map<string, number>();
  return smallChanges(text).flatMap(({ start, end, replacement, from, to }) => {
    const symbol = symbolAt(symbols, start);
    if (symbol === undefined || symbol.kind === 'type') return [];
    const before = oneLine(text.slice(from, to));
    const after = oneLine(text.slice(from, start) + replacement + text.slice(end, to));
    const plain = `${before} → ${after}`;
    const times = (seen.get(`${symbol.name}: ${plain}`) ?? 0) + 1;
    seen.set(`${symbol.name}: ${plain}`, times);
    return [
      {
        area,
        file,
        symbol: symbol.name,
        change: times === 1 ? plain : `${plain} (${times})`,
        text: text.slice(0, start) + replacement + text.slice(end),
      },
    ];
  });
}

/**
 * Draws mutants, as many from each area. Which ones depends on the seed and on what they change: what is changed in
 * one place of the source text moves no other mutant into the draw.
 */
export function drawMutants(root: string, count: number, seed: string): DrawnMutant[] {
  return AREAS.flatMap((area, i) => {
    const share = Math.floor(count / AREAS.length) + (i < count % AREAS.length ? 1 : 0);
    const candidates = filesOf(root, area).flatMap((file) =>
      candidatesOf(readFileSync(join(root, file), 'utf8'), file, area.name),
    );
    return candidates
      .map((mutant) => ({ mutant, lot: lotOf(mutant, seed) }))
      .sort((a, b) => (a.lot < b.lot ? -1 : 1))
      .map(({ mutant }) => mutant)
      .filter(isReadable)
      .slice(0, share);
  });
}

function lotOf({ file, symbol, change }: DrawnMutant, seed: string): string {
  return createHash('sha256').update([seed, file, symbol, change].join('\n')).digest('hex');
}

function isReadable({ text }: DrawnMutant): boolean {
  try {
    stripTypeScriptTypes(text);
    return true;
  } catch {
    return false;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
