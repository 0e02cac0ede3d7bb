import { describe, expect, it } from 'vitest';
import type { OperationKind } from '../support/journal/operation.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import { OperationWatch } from '../support/network/strike.ts';
import { Cells } from './cells.ts';

const INSERT: OperationKind = { name: 'insert', claim: { whole: ['1 INSERT'] }, run: async () => {} };
const TRANSACTION: OperationKind = {
  ...INSERT,
  name: 'transaction',
  transactional: true,
  not: { transaction: 'no pinning' },
};

function cellsOf(kinds: readonly OperationKind[], wanted = 2): Cells {
  return new Cells(kinds, ['direct', 'transaction'], wanted, new SeededRandom(1), () => undefined);
}

describe('the table of cells', () => {
  it('has no cell for what cannot be, and says why', () => {
    const cells = cellsOf([INSERT, TRANSACTION]);
    const names = cells.all.map(({ mode, kind, name }) => `${mode} · ${kind.name} · ${name}`);
    expect(names).toContain('direct · transaction · token expires before COMMIT');
    expect(names).not.toContain('direct · insert · token expires before COMMIT');
    expect(names).not.toContain('transaction · transaction · nothing');
    expect(names).not.toContain('direct · insert · PgBouncer killed and started');
    expect(cells.missing.get('no pinning')).toContain('transaction · transaction · nothing');
    expect(cells.missing.get('there is no pooler on this way')).toContain(
      'direct · insert · PgBouncer killed and started',
    );
  });

  it('gains a cell with each boundary that an operation passes which nothing meets', () => {
    const cells = cellsOf([INSERT]);
    const watch = new OperationWatch(undefined);
    watch.passes('batch: reply after DataRow');
    const plan = { mode: 'direct', kind: INSERT, part: 'batch', skip: 0, slower: 1, draw: 1 } as const;
    cells.ended({ ...plan, cell: 'backend cancelled' }, true, watch);
    expect(cells.all.filter(({ name }) => name === 'batch: reply after DataRow')).toHaveLength(0);
    cells.ended({ ...plan, cell: 'nothing' }, true, watch);
    expect(cells.all.filter(({ name }) => name === 'batch: reply after DataRow')).toHaveLength(1);
  });

  it('steers to the cells with the fewest hits until all have theirs', () => {
    const cells = cellsOf([INSERT]);
    let operations = 0;
    while (
      cells.all.some(({ mode, name, hits }) => mode === 'direct' && !name.includes('started') && hits < 2)
    ) {
      cells.ended(cells.next('direct'), true, undefined);
      operations++;
    }
    expect(operations).toBe(
      2 * cells.all.filter(({ mode, name }) => mode === 'direct' && !name.includes('started')).length,
    );
  });

  it('counts no hit for an operation that nothing met', () => {
    const cells = cellsOf([INSERT]);
    const plan = cells.next('direct');
    cells.ended(plan, false, undefined);
    expect(cells.all.every(({ hits }) => hits === 0)).toBe(true);
    expect(cells.lacking).toHaveLength(cells.all.length);
  });

  it('leaves out a boundary that only chance brings about, and nothing else', () => {
    const cells = cellsOf([INSERT]);
    const plan = { mode: 'direct', kind: INSERT, part: 'batch', skip: 0, slower: 1, draw: 1 } as const;
    const [always, once] = ['batch: reply after DataRow', 'batch: reply in ErrorResponse'];
    for (let i = 0; i < 20; i++) {
      const watch = new OperationWatch(undefined);
      watch.passes(always);
      if (i === 0) watch.passes(once);
      cells.ended({ ...plan, cell: 'nothing' }, true, watch);
    }
    const lacking = (): string[] => cells.lacking.map(({ mode, name }) => `${mode} · ${name}`);
    expect(cells.leftOut).toEqual([]);
    expect(lacking()).toContain(`direct · ${once}`);
    // Until no cell of the mode has hope left: none is ever hit.
    while (cells.needs('direct')) cells.ended(cells.next('direct'), false, undefined);
    expect(cells.leftOut.map(({ mode, name }) => `${mode} · ${name}`)).toEqual([`direct · ${once}`]);
    expect(lacking()).toEqual(expect.arrayContaining([`direct · ${always}`, 'direct · backend cancelled']));
    expect(cells.boundariesOf('direct')).toBe(1);
    expect(cells.boundariesOf('transaction')).toBe(0);
  });

  it('judges by the whole run how many pass a boundary: by chance there may be some among the first ones', () => {
    const first = cellsOf([INSERT]);
    const plan = { mode: 'direct', kind: INSERT, part: 'batch', skip: 0, slower: 1, draw: 1 } as const;
    const name = 'batch: reply in ErrorResponse';
    const watchOf = (passes: boolean): OperationWatch => {
      const watch = new OperationWatch(undefined);
      if (passes) watch.passes(name);
      return watch;
    };
    /** Three of the first twenty that nothing meets pass there, and then so many of those that are to be cut there. */
    const leftOutWhere = (cells: Cells, passesThen: boolean): string[] => {
      for (let i = 0; i < 20; i++) cells.ended({ ...plan, cell: 'nothing' }, true, watchOf(i < 3));
      while (cells.needs('direct')) {
        const next = cells.next('direct');
        cells.ended(next, false, watchOf(passesThen && next.cell === name));
      }
      return cells.leftOut.map((cell) => cell.name);
    };
    expect(leftOutWhere(first, false)).toEqual([name]);
    // The strikes come to nothing: that must show.
    expect(leftOutWhere(cellsOf([INSERT]), true)).toEqual([]);
  });

  it('does not leave out what all pass that are not to be cut there', () => {
    const cells = cellsOf([INSERT]);
    const plan = { mode: 'direct', kind: INSERT, part: 'batch', skip: 0, slower: 1, draw: 1 } as const;
    const passing = (): OperationWatch => {
      const watch = new OperationWatch(undefined);
      watch.passes('batch: reply after DataRow');
      return watch;
    };
    cells.ended({ ...plan, cell: 'nothing' }, true, passing());
    while (cells.needs('direct')) {
      const next = cells.next('direct');
      const isUnmet = next.cell === 'nothing';
      cells.ended(next, isUnmet, isUnmet ? passing() : new OperationWatch(undefined));
    }
    for (let i = 0; i < 17; i++) cells.ended({ ...plan, cell: 'nothing' }, true, passing());
    expect(cells.leftOut).toEqual([]);
    expect(cells.lacking.map(({ name }) => name)).toContain('batch: reply after DataRow');
  });

  it('keeps the server busy for longer the more often a fault came too late', () => {
    const cells = cellsOf([INSERT]);
    const slower = new Map<string, number[]>();
    while (cells.needs('direct')) {
      const plan = cells.next('direct');
      slower.set(plan.cell, [...(slower.get(plan.cell) ?? []), plan.slower]);
      cells.ended(plan, plan.cell !== 'backend cancelled', undefined);
    }
    expect(slower.get('backend terminated')).toEqual([1, 1]);
    const cancelled = slower.get('backend cancelled') ?? [];
    expect(cancelled.slice(0, 12)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2]);
    expect(cancelled.at(-1)).toBe(16);
  });

  it('plans restarts only when asked to', () => {
    const cells = cellsOf([INSERT]);
    for (let i = 0; i < 100; i++) expect(cells.next('direct').cell).not.toContain('started');
    expect(cells.next('direct', 'Postgres killed and started').cell).toBe('Postgres killed and started');
  });
});
