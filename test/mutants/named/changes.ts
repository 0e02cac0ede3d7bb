import type { NamedMutant } from '../mutant.ts';

const DESCRIBED = {
  file: 'src/consolidated/compile/described-columns.ts',
  tests: ['src/consolidated/compile/described-columns.test.ts'],
} as const;
const CODEC = {
  file: 'src/consolidated/values/sure-of-type.ts',
  tests: ['test/truth/changed-attributes.test.ts', 'test/truth/changed-columns.test.ts'],
} as const;

/** What is noticed of a schema that has changed since the catalog was read. */
export const CHANGES: readonly NamedMutant[] = [
  {
    ...DESCRIBED,
    name: 'attributes of a typed reply',
    guard: 'The attributes of composites are those that the reply describes.',
    symbol: 'DescribedColumns.fit',
    find: 'if (!isTail(this.#tail, fields.slice(end))) return false;',
    replace: '',
  },
  {
    ...DESCRIBED,
    name: 'attributes of a newer catalog',
    guard: 'A newer catalog is believed only where it has the attributes of the reply.',
    symbol: 'DescribedColumns.decoder',
    find: '!isTail(tailOf(columns), tail)',
    replace: 'false',
  },
  {
    name: 'dependence on a composite',
    guard: 'A prepared statement is analysed again when a composite type of its columns has changed.',
    file: 'src/consolidated/values/composites-in.ts',
    symbol: 'dependsOn',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
    find: "('${relation}'::pg_catalog.regclass is not null)",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
    replace: '(${relation} is not null)',
    tests: ['test/truth/changed-attributes.test.ts'],
  },
  {
    ...CODEC,
    name: 'json that became a number',
    guard: 'A document of a json column is of that type.',
    symbol: 'sureOfType',
    find: 'if (isJson(base))',
    replace: 'if (isJson(base)) return codec; if (isJson(base))',
  },
  {
    ...CODEC,
    name: 'order of attributes in a document',
    guard: 'A composite that travels as text has its attributes in the order of the catalog.',
    symbol: 'sureOfType',
    find: 'isText ? namesAreSame(base) : []',
    replace: '[]',
  },
  {
    ...CODEC,
    name: 'types of attributes in a document',
    guard: 'The attributes of a composite have the types of the catalog.',
    symbol: 'sureOfType',
    find: 'attributesAreSame(base, isText, options)',
    replace: '([] as string[])',
  },
  {
    name: 'attributes of raw SQL',
    guard: 'Composites of raw SQL are read by the attributes that they have now.',
    file: 'src/consolidated/facade/raw-attributes.ts',
    symbol: 'areAttributesSame',
    find: 'found.length === expected.length &&',
    replace: 'true ||',
    tests: ['test/truth/changed-attributes.test.ts'],
  },
  {
    name: 'several rows of a unique key',
    guard: 'What was sent without its limit is told only where one row came.',
    file: 'src/consolidated/compile/read-answer.ts',
    symbol: 'assertNumber',
    find: 'if (rows > 1 && isUnlimited(answer)) throw keyChanged();',
    replace: '',
    tests: ['src/consolidated/compile/read-answer.test.ts'],
  },
  {
    name: 'parts of a stream',
    guard: 'A stream keeps its limit and its order.',
    file: 'src/consolidated/compile/select.ts',
    symbol: 'comesInParts',
    find: "own(context, 'inParts') === true",
    replace: 'false',
    tests: ['test/truth/rows-of-a-key.test.ts'],
  },
  {
    name: 'a function that began to write',
    guard: 'A function that was stable when the catalog was read is called as what it is now.',
    file: 'src/consolidated/call/attempts.ts',
    symbol: 'isWriteOfRead',
    find: "error.code === 'READ_ONLY'",
    replace: "error.code === ''",
    tests: ['test/truth/changed-functions.test.ts'],
  },
  {
    name: 'another DateStyle',
    guard: 'A timestamp in another style is refused.',
    file: 'src/consolidated/values/timestamp.ts',
    symbol: 'isoTimestamptz',
    find: 'text.charCodeAt(4) === DASH &&',
    replace: '',
    tests: ['src/consolidated/values/timestamp.test.ts'],
  },
  {
    name: 'numbers that raw SQL would round',
    guard: 'A number of raw SQL is rounded only where it is json.',
    file: 'src/consolidated/values/raw-document.ts',
    symbol: 'resolveNumber',
    find: 'if (number === undefined) throw numberTooLarge(column);',
    replace: 'if (number === undefined) return Number(source);',
    tests: ['src/consolidated/values/raw-document.test.ts'],
  },
];
