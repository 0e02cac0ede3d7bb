import { type Paint, WIDTH, wrap } from './format.ts';
import type { Report } from './report.ts';
import { summary } from './summary.ts';
import { tableHead, tableRow } from './table.ts';

/** A table for people: each row is printed as its step ends. */
export function tableReport(write: (text: string) => void, paint: Paint): Report {
  const print = (text: string): void => write(`${text}\n`);
  const warnings = new Set<string>();
  return {
    begin({ modes, source, caution }) {
      print(paint.strong('consolidated-db: every statement as its caller, under row level security'));
      print(paint.faint(`Modes: ${modes.join(', ')}`));
      print(wrap(`Places: ${source}`, WIDTH).map(paint.faint).join('\n'));
      if (caution !== undefined) print(wrap(caution, WIDTH).map(paint.warn).join('\n'));
      print('');
      print(tableHead(paint));
    },
    step(result) {
      print(tableRow(result, paint));
    },
    warning(message) {
      warnings.add(message);
    },
    end({ results, elapsedMs, interrupted }) {
      print('');
      for (const message of warnings)
        print(`${wrap(`Warning: ${message}`, WIDTH).map(paint.warn).join('\n')}\n`);
      if (interrupted) print(`${paint.warn('Interrupted: the remaining steps did not run.')}\n`);
      print(summary(results, elapsedMs, paint));
    },
  };
}
