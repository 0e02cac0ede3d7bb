import { defineConfig } from 'vitest/config';

/** What shares something with the whole server or pooler, or weighs the load of this machine: one file at a time, with nothing beside it. */
const ALONE = [
  'bench/suite/run.test.ts',
  'test/cache/soak*.test.ts',
  'test/faults/**/*.test.ts',
  'test/isolation/**/*.test.ts',
  'test/memory/**/*.test.ts',
  'test/modes/named-through-pooler.test.ts',
  'test/ops/cli.test.ts',
  'test/outcomes/**/*.test.ts',
  'test/resilience/**/*.test.ts',
  'test/service/embedded-worker.test.ts',
];

export default defineConfig({
  test: {
    reporters: ['default', './test/support/stack-report.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'beside the code',
          include: ['src/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...ALONE, 'bench/peers/**'],
          // A worker for each of two hundred files costs more than what most of them do.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
    // For machines that are slow or busy: nothing here is to prove that it is quick.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
