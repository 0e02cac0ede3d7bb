import type { Step } from '../step.ts';
import { atomicSteps } from './atomic.ts';
import { mistakeSteps } from './mistakes.ts';
import { readingSteps } from './reading.ts';
import { sharingSteps } from './sharing.ts';
import { tokenSteps } from './tokens.ts';
import { writingSteps } from './writing.ts';

/** In the order in which they run: later ones use what earlier ones wrote. */
export const allSteps: readonly Step[] = [
  ...readingSteps,
  ...writingSteps,
  ...atomicSteps,
  ...sharingSteps,
  ...tokenSteps,
  ...mistakeSteps,
];
