import type { SourceSymbol } from './source-symbols.ts';

/** What a script creates, by its names; each lasts until the next one. */
export function sqlSymbols(text: string): SourceSymbol[] {
  const created = [...text.matchAll(/^create (?:or replace )?(?:function|table|policy|index) ([\w.]+)/gm)];
  return created.map(({ 1: name = '', index }, at) => ({
    name,
    kind: 'value',
    start: index,
    end: created[at + 1]?.index ?? text.length,
  }));
}
