import { describe, expect, test } from 'vitest';
import { WIDTH } from '../../examples/demo/report/format.ts';
import { failuresOf, readDocument, runDemoCommand } from './demo-command.ts';

test('the demo goes as it should from start to end, without a server', async () => {
  const { code, stdout, stderr } = await runDemoCommand(['--json']);
  const document = readDocument(stdout);
  expect(failuresOf(document)).toEqual([]);
  expect({ code, stderr, ok: document.ok }).toEqual({ code: 0, stderr: '', ok: true });
  expect(document.modes).toEqual(['embedded']);
  expect(document.counts.ok).toBeGreaterThan(80);
  expect(document.counts.refused).toBeGreaterThan(30);
  expect(document.counts.leftOut).toBe(0);
  expect(document.source).toContain('GeoNames');
}, 180_000);

test('nothing that it prints is wider than a terminal of 80 columns', async () => {
  const { code, stdout } = await runDemoCommand([]);
  expect(code).toBe(0);
  expect(stdout).toContain('refused as expected');
  expect(stdout.split('\n').filter((line) => line.length > WIDTH)).toEqual([]);
}, 180_000);

describe('the command', () => {
  test('explains itself', async () => {
    const { code, stdout } = await runDemoCommand(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: npm run demo -- [options]');
    expect(stdout.split('\n').filter((line) => line.length > WIDTH)).toEqual([]);
  });

  test('exits with 2 where the command line is wrong, and repeats no password', async () => {
    const { code, stdout, stderr } = await runDemoCommand([
      '--url',
      'postgres://app:hush@db.example.com:7000/app',
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('the port 7000');
    expect(stderr).not.toContain('hush');
  });

  test('exits with 1 where the server cannot be reached, and says so in its row', async () => {
    const { code, stdout, stderr } = await runDemoCommand([
      '--json',
      '--url',
      'direct=postgres://app:hush@127.0.0.1:1/app',
    ]);
    const document = readDocument(stdout);
    expect({ code, stderr, ok: document.ok }).toEqual({ code: 1, stderr: '', ok: false });
    expect(document.steps.at(-1)).toMatchObject({
      outcome: 'failed',
      title: 'Connect as the owner of the database',
    });
    expect(stdout).not.toContain('hush');
  });
});
