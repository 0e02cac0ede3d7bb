/** A part of the source of which mutants are drawn. */
export interface Area {
  readonly name: 'wire' | 'pool' | 'transaction' | 'identity' | 'values';
  readonly folders: readonly string[];
  /** Test files, and folders of them, that are to notice what is changed there. */
  readonly tests: readonly string[];
}

export const AREAS: readonly Area[] = [
  {
    name: 'wire',
    folders: ['src/modes/wire'],
    tests: [
      'src/modes',
      'test/modes',
      'test/fail-closed',
      'test/hostile/endless-server.test.ts',
      'test/service/transactions.test.ts',
      'test/service/recovery.test.ts',
      'test/truth/ended-beneath.test.ts',
      'test/truth/outcome-of-the-worst-try.test.ts',
      'test/truth/raw-sql-that-commits.test.ts',
    ],
  },
  {
    name: 'pool',
    folders: ['src/modes/pool'],
    tests: [
      'src/modes',
      'test/modes',
      'test/service/connecting.test.ts',
      'test/service/transactions.test.ts',
      'test/fail-closed',
    ],
  },
  {
    name: 'transaction',
    folders: ['src/consolidated/transaction'],
    tests: [
      'src/consolidated',
      'test/service/transactions.test.ts',
      'test/service/calls-apart.test.ts',
      'test/service/outer-handle.test.ts',
      'test/service/streams.test.ts',
      'test/service/telemetry.test.ts',
      'test/service/bad-input.test.ts',
      'test/truth/aborted-streams.test.ts',
      'test/truth/order-inside-transactions.test.ts',
      'test/truth/undecodable-replies.test.ts',
    ],
  },
  {
    name: 'identity',
    folders: ['src/consolidated/identity', 'src/consolidated/connections'],
    tests: [
      'src/consolidated',
      'test/service/identity.test.ts',
      'test/service/tokens.test.ts',
      'test/service/configuration.test.ts',
      'test/service/bad-input.test.ts',
      'test/service/embedded-worker.test.ts',
      'test/service/full-modes.test.ts',
      'test/service/misplaced-urls.test.ts',
      'test/fail-closed',
    ],
  },
  {
    name: 'values',
    folders: ['src/consolidated/values'],
    tests: [
      'src/consolidated',
      'test/values',
      'test/parity/values.test.ts',
      'test/compile',
      'test/injection/corpus.test.ts',
    ],
  },
];
