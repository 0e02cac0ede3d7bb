import type { NamedMutant } from '../mutant.ts';

const LABELS = {
  file: 'src/consolidated/monitoring/bounded-labels.ts',
  tests: ['src/consolidated/monitoring/bounded-labels.test.ts'],
} as const;
const HTML = {
  file: 'src/consolidated/monitoring/html.ts',
  tests: ['src/consolidated/monitoring/html.test.ts'],
} as const;
const HANDLER = {
  file: 'src/consolidated/monitoring/monitoring-handler.ts',
  tests: ['test/monitoring/handlers.test.ts'],
} as const;

/** What a service tells of itself, to whom, and how much of it. */
export const MONITORING: readonly NamedMutant[] = [
  {
    ...LABELS,
    name: 'label bound',
    guard: 'The sets of labels are bounded, however many tables there are.',
    symbol: 'BoundedLabels.of',
    find: 'if (this.#own >= this.#max)',
    replace: 'if (this.#own < 0)',
  },
  {
    ...HTML,
    name: 'escaped names',
    guard: 'A name is text on the status page, never markup.',
    symbol: 'escaped',
    find: `.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')`,
    replace: '',
  },
  {
    ...HANDLER,
    name: 'who may read metrics',
    guard: 'Metrics and status page are shown only to whom the option authorize lets.',
    symbol: 'monitoringHandler',
    find: '(await authorize(request)) !== true',
    replace: 'authorize.length < 0',
  },
  {
    name: 'labels are plain text',
    guard: 'A label that could break a line of a log is refused.',
    file: 'src/consolidated/call/limits.ts',
    symbol: 'isLabel',
    find: '!/[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]/u.test(label)',
    replace: 'true',
    tests: ['test/monitoring/call-events.test.ts'],
  },
  {
    name: 'listeners apart',
    guard: 'What a listener throws reaches neither the call nor the other listeners.',
    file: 'src/consolidated/monitoring/parted.ts',
    symbol: 'parted',
    find: '} catch (thrown) {',
    replace: '} catch (thrown) {\n        throw thrown;',
    tests: ['test/monitoring/call-events.test.ts'],
  },
];
