/**
 * `npm run demo`: consolidated-db on real places, as two users, an anonymous caller and the service.
 * `npm run demo -- --help` explains the options.
 */
import { HELP, readArguments } from './arguments.ts';
import { UsageError } from './connection-urls.ts';
import { paintFor } from './report/format.ts';
import { jsonReport } from './report/json-report.ts';
import { tableReport } from './report/table-report.ts';
import { runDemo } from './run-demo.ts';

const OK = 0;
const FAILED = 1;
const USAGE = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const { stdout, stderr } = process;
  const write = (text: string): void => void stdout.write(text);
  try {
    const given = readArguments(words, process.env);
    if (given === 'help') {
      write(`${HELP}\n`);
      return OK;
    }
    const interrupted = new AbortController();
    process.once('SIGINT', () => interrupted.abort());
    process.once('SIGTERM', () => interrupted.abort());
    // The reader of the output has gone, as `head` does. What was added must still be removed.
    stdout.on('error', () => interrupted.abort());
    const ok = await runDemo({
      server: given.server,
      report: given.json ? jsonReport(write) : tableReport(write, paintFor(stdout.isTTY, process.env)),
      signal: interrupted.signal,
      now: () => performance.now(),
      wallNow: () => Date.now(),
    });
    return ok ? OK : FAILED;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`${error.message}\nRun 'npm run demo -- --help' to see the options.\n`);
    return USAGE;
  }
}
