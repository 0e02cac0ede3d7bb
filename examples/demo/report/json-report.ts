import type { Report, RunFacts } from './report.ts';
import { countOf } from './summary.ts';

/**
 * One JSON document at the end, for machines: `{ ok, interrupted, modes, source, milliseconds, counts, warnings,
 * steps }`. A step has what its row in the table has, and for a refusal the class, code and SQLSTATE.
 */
export function jsonReport(write: (text: string) => void): Report {
  let facts: RunFacts | undefined;
  const warnings = new Set<string>();
  return {
    begin(given) {
      facts = given;
    },
    step() {},
    warning(message) {
      warnings.add(message);
    },
    end({ results, elapsedMs, ok, interrupted }) {
      const document = {
        ok,
        interrupted,
        modes: facts?.modes ?? [],
        source: facts?.source,
        milliseconds: rounded(elapsedMs),
        counts: {
          ok: countOf(results, 'ok'),
          refused: countOf(results, 'refused'),
          failed: countOf(results, 'failed'),
          leftOut: countOf(results, 'left out'),
        },
        warnings: [...warnings],
        steps: results.map((result) => ({ ...result, milliseconds: rounded(result.milliseconds) })),
      };
      write(`${JSON.stringify(document, undefined, 2)}\n`);
    },
  };
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
