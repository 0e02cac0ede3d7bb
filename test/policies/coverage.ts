import type { Aim, Command } from './aim.ts';
import { CELLS } from './cells.ts';
import type { Table } from './model/rows.ts';

interface Met {
  allowed: number;
  refused: number;
}

/** How often each command met each relation of a caller to a row, and what became of it. */
export class Coverage {
  readonly #met = new Map<string, Met>();

  note({ table, command, relation }: Aim, allowed: boolean): void {
    const name = nameOf(table, command, relation);
    const met = this.#met.get(name) ?? { allowed: 0, refused: 0 };
    met[allowed ? 'allowed' : 'refused'] += 1;
    this.#met.set(name, met);
  }

  /** What came too seldom, or came out as it should not. */
  lacking(least: number): readonly string[] {
    const wanted = new Map(wantedCells().map((cell) => [cell.name, cell.becomes]));
    const seldom = [...wanted].filter(([name, becomes]) => (this.#met.get(name)?.[becomes] ?? 0) < least);
    const wrong = [...this.#met].filter(([name, met]) => {
      const becomes = wanted.get(name);
      return becomes === undefined || met[becomes === 'allowed' ? 'refused' : 'allowed'] > 0;
    });
    return [
      ...seldom.map(([name, becomes]) => `${name}: ${becomes} fewer than ${least} times`),
      ...wrong.map(([name, { allowed, refused }]) => `${name}: ${allowed} allowed, ${refused} refused`),
    ];
  }

  get cells(): number {
    return wantedCells().length;
  }

  /** One line for each table and command. */
  toString(): string {
    const lines = new Map<string, string[]>();
    for (const { name, becomes, table, command, relation } of wantedCells()) {
      const line = `${table}, ${command}`;
      const sign = becomes === 'allowed' ? '+' : '-';
      const times = this.#met.get(name)?.[becomes] ?? 0;
      lines.set(line, [...(lines.get(line) ?? []), `${relation} ${sign}${times}`]);
    }
    const width = Math.max(...[...lines.keys()].map(({ length }) => length));
    return [...lines].map(([line, cells]) => `${line.padEnd(width)}  ${cells.join(' · ')}`).join('\n');
  }
}

interface WantedCell {
  readonly name: string;
  readonly table: Table;
  readonly command: Command;
  readonly relation: string;
  readonly becomes: 'allowed' | 'refused';
}

function wantedCells(): readonly WantedCell[] {
  const tables = Object.entries(CELLS) as [Table, (typeof CELLS)[Table]][];
  return tables.flatMap(([table, commands]) =>
    (Object.keys(commands) as Command[]).flatMap((command) => {
      const { allowed, refused } = commands[command]!;
      const cell = (becomes: WantedCell['becomes']) => (relation: string) => ({
        ...{ name: nameOf(table, command, relation), table, command, relation, becomes },
      });
      return [...allowed.map(cell('allowed')), ...refused.map(cell('refused'))];
    }),
  );
}

function nameOf(table: Table, command: Command, relation: string): string {
  return `${table}, ${command}, ${relation}`;
}
