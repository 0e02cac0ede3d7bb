import type { NamedMutant } from '../mutant.ts';

const OF_RUN = ['src/bench/run-bench.test.ts'] as const;
const FAILURE = { file: 'src/bench/bench-failure.ts', tests: OF_RUN } as const;
const CLIENTS = { file: 'src/bench/open-contenders.ts', tests: OF_RUN } as const;

/** What keeps a bench from comparing different work, from leaving connections open, and from telling what it must not. */
export const BENCH: readonly NamedMutant[] = [
  {
    name: 'bench: answers that differ',
    guard: 'Ways that answer differently are not measured.',
    file: 'src/bench/check-answers.ts',
    symbol: 'compareAnswers',
    find: 'if (difference !== undefined) {',
    replace: 'if (difference === null) {',
    tests: OF_RUN,
  },
  {
    ...FAILURE,
    name: 'bench: messages of others',
    guard: 'The message of a driver, which holds values and addresses, is not told.',
    symbol: 'describeCause',
    find: 'if (cause instanceof DatabaseError) return',
    replace: 'if (cause instanceof Error) return',
  },
  {
    ...CLIENTS,
    name: 'bench: closing after a failure',
    guard: 'What was opened is closed, also where something failed.',
    symbol: 'withClients',
    find: '// What went wrong first is what is told.\n    await closeAll(contenders, clients);',
    replace: '',
  },
  {
    name: 'bench: interruption',
    guard: 'No call begins after the run was interrupted.',
    file: 'src/bench/run-bench.ts',
    symbol: 'CaseCalls.#callOf',
    find: 'if (this.#signal.aborted) throw this.#signal.reason;\n      return',
    replace: 'return',
    tests: OF_RUN,
  },
];
