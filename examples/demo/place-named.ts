import type { Place } from './places.ts';
import { expectThat } from './step.ts';

/** @throws ExpectationError where there is none */
export function placeNamed(places: readonly Place[], name: string): Place {
  const place = places.find((each) => each.name === name);
  expectThat(place !== undefined, `${name} should be among the places.`);
  return place;
}
