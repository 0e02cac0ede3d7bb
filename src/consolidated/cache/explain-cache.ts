import { own } from '../../contract/own-property.ts';
import { known, type Layer } from '../call/call.ts';
import type { CacheReport } from '../typed/cache-report.ts';
import type { CacheRules } from './cache-rules.ts';

/** Last stage of explainCache(): nothing is sent. */
export function explainingCache(rules: CacheRules): Layer {
  return (call) => {
    const ready = known(call.ready);
    const catalog = known(call.compiledWith);
    const touched = rules.touchedBy(catalog, ready);
    const outdates = touched === 'everything' ? touched : [...touched].sort();
    return { value: reportOf(), rows: 0 };

    function reportOf(): CacheReport {
      const recallable = own(ready, 'recallable');
      if (recallable === undefined) {
        return { cacheable: false, reason: 'not a read', what: undefined, hint: undefined, outdates };
      }
      const found = rules.of(catalog, recallable, known(call.actor).role);
      if ('refusal' in found) return { cacheable: false, ...found.refusal, outdates };
      const sharedBy = found.isPublic ? 'role' : 'identity';
      return {
        cacheable: true,
        dependsOn: [...found.tables].sort(),
        sharedBy,
        ...rules.defaultsOf(ready.target),
      };
    }
  };
}
