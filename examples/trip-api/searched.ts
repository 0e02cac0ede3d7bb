import { requestIdentity } from '../../src/http/index.ts';
import type { NewSearch, SearchRecorder } from '../../src/index.ts';

/** Takes down what a user has searched for. The search does not wait for it. */
export type Searched = (search: NewSearch) => void;

/** What the anonymous search for is nobody's. */
export function searchedBy(recorder: Pick<SearchRecorder, 'record'>): Searched {
  return (search) => {
    const identity = requestIdentity();
    if (identity.kind === 'user') recorder.record(identity, search);
  };
}
