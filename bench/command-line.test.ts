import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const main = join(import.meta.dirname, 'main.ts');

function runBench(words: readonly string[]): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], (error, _stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stderr });
    });
  });
}

test('an option with a dash in its name reaches the benchmark', async () => {
  const { code, stderr } = await runBench(['batch', '--warm-up', 'soon']);
  expect(stderr).toContain('--warm-up must be a number above 0. It was "soon".');
  expect(code).toBe(2);
});

test.each([
  [['batch', '--warmup', '2'], "Unknown option '--warmup'.\nOptions: --case, --mode,"],
  [['batch', '--warmUp', '2'], "Unknown option '--warmUp'."],
  [['layers', '--rounds', '2'], "Unknown option '--rounds'.\nOptions: --quick, --json, --assert."],
  [['cache', '--rounds', '2'], "Unknown option '--rounds'.\nOptions: --quick, --json, --assert."],
  [['vectors', '--rows', '12'], '--rows must be at least 300. It was 12.'],
  [['vectors', '--limits', '2'], "Unknown option '--limits'.\nOptions: --data, --words,"],
  [['embedded', '--json'], "Unknown option '--json'.\nOptions: --quick."],
  [['embedded', 'quick'], "Unexpected argument: 'quick'."],
])('%o is refused, before anything is measured', async (words, message) => {
  const { code, stderr } = await runBench(words);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
