import { embedPlace } from '../embedding.ts';
import { expectThat, type Step } from '../step.ts';

/** Mistakes in the calling code. None of them reaches the database. */
export const mistakeSteps: readonly Step[] = [
  {
    title: 'Call without an identity',
    as: 'nobody',
    refused: { error: 'AuthenticationError', code: 'IDENTITY_REQUIRED' },
    async run({ db }) {
      return { rows: (await db.select('destinations', { limit: 1 })).length };
    },
  },
  {
    title: 'Update without a filter',
    as: 'ana',
    refused: { error: 'UsageError', code: 'FILTER_REQUIRED' },
    async run({ ana }) {
      const changed = await ana.update('trips', { title: 'Everything at once' }, { filters: {} });
      return { rows: changed.length };
    },
  },
  {
    title: 'An operator from a request body',
    as: 'ana',
    refused: { error: 'ValidationError', code: 'VALIDATION' },
    async run({ ana, userIds }) {
      const body = JSON.parse(`{ "owner_id": { "neq": "${userIds.ana}" } }`);
      return { rows: (await ana.select('trips', { filters: body })).length };
    },
  },
  {
    title: 'A column that does not exist',
    as: 'ana',
    refused: { error: 'UsageError', code: 'UNKNOWN_COLUMN' },
    async run({ ana }) {
      const body = JSON.parse('{ "titel": "Lisbon" }');
      return { rows: (await ana.select('trips', { filters: body })).length };
    },
  },
  {
    title: 'A vector of 15 numbers instead of 16',
    as: 'ana',
    refused: { error: 'ValidationError', code: 'WRONG_DIMENSIONS' },
    async run({ ana, places }) {
      const [place] = places;
      expectThat(place !== undefined, 'There should be a place.');
      const vector = embedPlace(place).slice(1);
      return { rows: (await ana.vectorSearch('destinations', { vector })).length };
    },
  },
];
