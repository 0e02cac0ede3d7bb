import type { NamedMutant } from './mutant.ts';
import { API_KEYS } from './named/api-keys.ts';
import { BENCH } from './named/bench.ts';
import { BUSINESS_MODULES } from './named/business-modules.ts';
import { CACHE } from './named/cache.ts';
import { CACHE_TELLING } from './named/cache-telling.ts';
import { CHANGES } from './named/changes.ts';
import { CONNECTIONS } from './named/connections.ts';
import { COVERING_INDEX } from './named/covering-index.ts';
import { DEPENDENCIES } from './named/dependencies.ts';
import { HEARING } from './named/hearing.ts';
import { HTTP } from './named/http.ts';
import { HYBRID_SEARCH } from './named/hybrid-search.ts';
import { IDEMPOTENCY } from './named/idempotency.ts';
import { IDENTITY } from './named/identity.ts';
import { LEGACY_SIDE } from './named/legacy.ts';
import { LIMITS } from './named/limits.ts';
import { MESSAGES } from './named/messages.ts';
import { MOMENTS } from './named/moments.ts';
import { MONITORING } from './named/monitoring.ts';
import { OUTCOMES } from './named/outcomes.ts';
import { PINS } from './named/pins.ts';
import { POLICIES } from './named/policies.ts';
import { QUESTIONS } from './named/questions.ts';
import { REPLIES } from './named/replies.ts';
import { REPOSITORIES } from './named/repositories.ts';
import { RESILIENCE } from './named/resilience.ts';
import { ROLLOUT } from './named/rollout.ts';
import { SEARCHABLE } from './named/searchable.ts';
import { SEARCHES } from './named/searches.ts';
import { SECOND_LEVEL } from './named/second-level.ts';
import { SIGN_IN } from './named/sign-in.ts';
import { TESTING } from './named/testing.ts';
import { TRANSACTIONS } from './named/transactions.ts';
import { VECTORS } from './named/vectors.ts';

/** The guards that are taken out one by one. */
export const NAMED_MUTANTS: readonly NamedMutant[] = [
  ...OUTCOMES,
  ...REPLIES,
  ...PINS,
  ...CONNECTIONS,
  ...TRANSACTIONS,
  ...IDENTITY,
  ...LIMITS,
  ...MESSAGES,
  ...CHANGES,
  ...MOMENTS,
  ...RESILIENCE,
  ...IDEMPOTENCY,
  ...MONITORING,
  ...DEPENDENCIES,
  ...HEARING,
  ...CACHE,
  ...QUESTIONS,
  ...CACHE_TELLING,
  ...SEARCHABLE,
  ...COVERING_INDEX,
  ...HTTP,
  ...HYBRID_SEARCH,
  ...SEARCHES,
  ...SECOND_LEVEL,
  ...REPOSITORIES,
  ...BUSINESS_MODULES,
  ...API_KEYS,
  ...SIGN_IN,
  ...ROLLOUT,
  ...VECTORS,
  ...TESTING,
  ...BENCH,
  ...POLICIES,
  ...LEGACY_SIDE,
];
