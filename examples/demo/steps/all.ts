import type { Step } from '../step.ts';
import { apiKeySteps } from './api-keys.ts';
import { atomicSteps } from './atomic.ts';
import { farewellSteps } from './farewell.ts';
import { mistakeSteps } from './mistakes.ts';
import { operationSteps } from './operations.ts';
import { peopleSteps } from './people.ts';
import { readingSteps } from './reading.ts';
import { rolloutSteps } from './rollout.ts';
import { searchSteps } from './searches.ts';
import { sharingSteps } from './sharing.ts';
import { signInSteps } from './sign-in.ts';
import { tokenSteps } from './tokens.ts';
import { tripSteps } from './trips.ts';
import { writingSteps } from './writing.ts';

/** What the service does by itself, and then the story of Ana and Ben with the business modules. */
export const allSteps: readonly Step[] = [
  ...readingSteps,
  ...writingSteps,
  ...atomicSteps,
  ...sharingSteps,
  ...tokenSteps,
  ...mistakeSteps,
  ...signInSteps,
  ...peopleSteps,
  ...tripSteps,
  ...searchSteps,
  ...apiKeySteps,
  ...operationSteps,
  ...rolloutSteps,
  ...farewellSteps,
];
