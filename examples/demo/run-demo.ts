import { deriveUrls } from '../../src/modes/index.ts';
import type { ServerTarget } from './arguments.ts';
import { CallLog } from './call-log.ts';
import { URL_MODES } from './connection-urls.ts';
import { PLACES_SOURCE } from './places.ts';
import type { Report } from './report/report.ts';
import { allWell } from './report/summary.ts';
import { cleanUpStep, setUpSteps } from './set-up.ts';
import { Stage } from './stage.ts';
import { StepRunner } from './step-runner.ts';
import { allSteps } from './steps/all.ts';

export interface DemoOptions {
  /** Undefined for the embedded database. */
  readonly server: ServerTarget | undefined;
  readonly report: Report;
  /** Ends the demo after the current step. What it added is still removed. */
  readonly signal: AbortSignal;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Milliseconds since the epoch. */
  readonly wallNow: () => number;
}

/** Runs the whole demo. True when every step went as expected. */
export async function runDemo({ server, report, signal, now, wallNow }: DemoOptions): Promise<boolean> {
  const start = now();
  const calls = new CallLog();
  const runner = new StepRunner({ calls, now, signal, onResult: (result) => report.step(result) });
  const stage = new Stage({
    server,
    nowS: Math.floor(wallNow() / 1000),
    onCall: calls.record,
    onWarning: (message) => report.warning(message),
  });
  const modes = modesOf(server);
  report.begin({ modes, source: PLACES_SOURCE, caution: server && cautionFor(server) });
  try {
    try {
      const ready = await runner.runUntilFailure(
        setUpSteps(server !== undefined, server?.migrate ?? true),
        stage,
      );
      if (ready) {
        const can = { pin: canPin(modes), leaveTraces: server === undefined };
        await runner.runAll(allSteps, await stage.world(), can);
      }
    } finally {
      if (server !== undefined && stage.hasAdded) await runner.run(cleanUpStep, stage);
    }
    const interrupted = signal.aborted;
    const ok = !interrupted && allWell(runner.results);
    report.end({ results: runner.results, elapsedMs: now() - start, ok, interrupted });
    return ok;
  } finally {
    await stage.close();
  }
}

/** The modes of the URLs, and those that follow from them. */
function modesOf(server: ServerTarget | undefined): readonly string[] {
  if (server === undefined) return ['embedded'];
  const urls = deriveUrls(server.users);
  return URL_MODES.filter((mode) => urls[mode] !== undefined);
}

/** With only a pooler in transaction mode, no step can have its own connection. */
function canPin(modes: readonly string[]): boolean {
  return modes.some((mode) => mode !== 'transaction');
}

/** Host, port and database only: the rest of a URL is a secret. */
function cautionFor({ adminUrl, migrate }: ServerTarget): string {
  const { host, pathname } = new URL(adminUrl);
  const tables = migrate ? 'applies the pending migrations and leaves them there, ' : '';
  return `On ${host}${pathname} this ${tables}adds two accounts with their rows and the places that public.destinations does not have yet, and removes those rows at the end.`;
}
