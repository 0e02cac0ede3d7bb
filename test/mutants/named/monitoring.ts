import type { NamedMutant } from '../mutant.ts';

const LABELS = {
  file: 'src/consolidated/monitoring/bounded-labels.ts',
  tests: ['src/consolidated/monitoring/bounded-labels.test.ts'],
} as const;
const CALL_METRICS = {
  tests: ['src/consolidated/monitoring/call-metrics.test.ts'],
} as const;
const HTML = {
  file: 'src/consolidated/monitoring/html.ts',
  tests: ['src/consolidated/monitoring/html.test.ts'],
} as const;
const HANDLER = {
  file: 'src/consolidated/monitoring/monitoring-handler.ts',
  tests: ['test/monitoring/handlers.test.ts'],
} as const;

const COMMENTS = {
  file: 'src/consolidated/monitoring/sql-comments.ts',
  tests: ['src/consolidated/monitoring/sql-comments.test.ts'],
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
    ...LABELS,
    name: 'all labels compared',
    guard: 'Calls of one role are not counted as those of another.',
    symbol: 'BoundedLabels.#find',
    find: 'kept.role === role',
    replace: 'kept.role.length > 0',
  },
  {
    ...CALL_METRICS,
    name: 'upper bounds belong to their bucket',
    guard: 'A call is counted in the bucket whose bound it takes.',
    file: 'src/consolidated/monitoring/call-histogram.ts',
    symbol: 'HistogramSeries.observe',
    find: 'seconds > bounds[bucket]!',
    replace: 'seconds >= bounds[bucket]!',
  },
  {
    ...CALL_METRICS,
    name: 'a registry resets what calls are counted in',
    guard: 'What was counted before a registry was reset is not shown again.',
    file: 'src/consolidated/monitoring/call-series.ts',
    symbol: 'CallSeries.reset',
    find: 'series.reset();',
    replace: 'void series;',
  },
  {
    ...CALL_METRICS,
    name: 'one series for the same labels',
    guard: 'A registry never shows two series of the same labels, also where a service was created again.',
    file: 'src/consolidated/monitoring/call-series.ts',
    symbol: 'CallSeries.of',
    find: 'if (known !== undefined) return known.series;',
    replace: '',
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
    ...COMMENTS,
    name: 'encoding of comments',
    guard: 'Nothing that a label contains ends the comment or the value that it stands in.',
    symbol: 'encoded',
    find: 'encodeURIComponent(value.toWellFormed())',
    replace: 'value',
  },
  {
    ...COMMENTS,
    name: 'no trace in prepared statements',
    guard: 'The text of a prepared statement is the same for every call.',
    symbol: 'SqlComments.of',
    find: "isPooled || plan.origin === 'raw' ? this.#traceparent() : undefined",
    replace: 'isPooled || plan.name !== undefined ? this.#traceparent() : undefined',
  },
  {
    ...COMMENTS,
    name: 'bounded variants of a statement',
    guard: 'Labels cannot make prepared statements without a bound.',
    symbol: 'SqlComments.#variant',
    find: 'label !== undefined && variants.size >= MAX_LABELS_PER_PLAN',
    replace: 'variants.size < 0',
  },
  {
    name: 'connecting for the catalog',
    guard: 'A call that waits for the first connection of its service says so.',
    file: 'src/consolidated/catalog/catalog-source.ts',
    symbol: 'CatalogSource.#timed',
    find: 'trace.connectMs += this.#connecting.until(clock.now()) - before;',
    replace: 'void before;',
    tests: ['src/consolidated/catalog/catalog-source.test.ts'],
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
