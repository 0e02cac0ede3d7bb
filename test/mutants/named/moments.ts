import type { NamedMutant } from '../mutant.ts';

const MOMENT = ['test/truth/values-of-the-moment.test.ts'] as const;

/** What a call was passed is what runs, and what was checked is what is sent. */
export const MOMENTS: readonly NamedMutant[] = [
  {
    file: 'src/consolidated/pipeline.ts',
    tests: MOMENT,
    name: 'values of a call that waits',
    guard: 'A call that is compiled later keeps what it was passed.',
    symbol: 'door',
    find: 'call.hold();',
    replace: '',
  },
  {
    file: 'src/consolidated/facade/statement-methods.ts',
    tests: MOMENT,
    name: 'values of a built statement',
    guard: 'A built statement keeps what it was passed.',
    symbol: 'StatementMethods.#describe',
    find: 'return described.later;',
    replace: 'return described;',
  },
  {
    file: 'src/consolidated/facade/sender.ts',
    tests: MOMENT,
    name: 'values of a stream',
    guard: 'A stream keeps what it was passed until its first row is requested.',
    symbol: 'Sender.stream',
    find: 'described.later',
    replace: 'described',
  },
  {
    file: 'src/consolidated/call/compilation.ts',
    tests: ['src/consolidated/call/attempts.test.ts'],
    name: 'values of a second try',
    guard: 'What is compiled a second time has the values of the first.',
    symbol: 'recompile',
    find: '|| !call.isUnchanged',
    replace: '',
  },
  {
    file: 'src/consolidated/values/encode-json.ts',
    tests: ['src/consolidated/values/encode-json.test.ts'],
    name: 'JSON that is read once',
    guard: 'The JSON that was checked is what is written.',
    symbol: 'allProperties',
    find: '({ ...value })',
    replace: 'value as Record<string, unknown>',
  },
  {
    file: 'src/contract/bound-values.ts',
    tests: ['test/truth/too-many-values.test.ts'],
    name: 'number of values',
    guard: 'More values than the protocol can count are refused before anything is sent.',
    symbol: 'assertBindable',
    find: 'if (count <= MAX_VALUES) return;',
    replace: 'return;',
  },
  {
    file: 'src/contract/own-property.ts',
    tests: ['test/injection/polluted-prototype.test.ts'],
    name: 'own properties',
    guard: 'What somebody added to the prototype of all objects changes nothing.',
    symbol: 'own',
    find: 'Object.hasOwn(object, name) ? object[name] : undefined',
    replace: 'object[name]',
  },
];
