import { expectEqual, expectThat, type Refusal, type Step } from '../step.ts';
import type { DemoTokens } from '../tokens.ts';

/** Valid and invalid tokens. All of them name Ana. */
export const tokenSteps: readonly Step[] = [
  {
    title: 'Valid token: only her trips',
    as: 'token',
    async run({ db, tokens, userIds }) {
      const trips = await db.withToken(tokens.good).select('trips', {
        columns: ['owner_id', 'visibility'],
        filters: { visibility: 'private' },
      });
      expectThat(trips.length > 0, 'The token should show the trips of Ana.');
      expectEqual('Owners', [...new Set(trips.map((trip) => trip.owner_id))].join(), userIds.ana);
      return { rows: trips.length };
    },
  },
  refusedToken('Token with a bad signature', 'badSignature', 'TOKEN_INVALID'),
  refusedToken('Token without a signature (alg: none)', 'unsigned', 'TOKEN_INVALID'),
  refusedToken('Expired token', 'expired', 'TOKEN_EXPIRED'),
  refusedToken('Token that claims role service_role', 'serviceRole', 'ROLE_NOT_ALLOWED'),
];

function refusedToken(title: string, kind: keyof DemoTokens, code: string): Step {
  const refused: Refusal = { error: 'AuthenticationError', code };
  return {
    title,
    as: 'token',
    refused,
    async run({ db, tokens }) {
      return { rows: (await db.withToken(tokens[kind]).select('destinations', { limit: 1 })).length };
    },
  };
}
