import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../contract/call-event.ts';
import { statementLog } from './statement-log.ts';

const EVENT = {
  kind: 'select',
  mode: 'direct',
  role: 'anon',
  target: 'public.trips',
  milliseconds: 1.234,
  rows: 3,
  outcome: 'answered',
} as CallEvent;

function lineOf(event: Partial<CallEvent>, ...texts: readonly string[]): string | undefined {
  const lines: string[] = [];
  const plans = texts.map((text) => ({
    plan: { text, document: '', name: '', intent: 'read', origin: 'raw' } as const,
  }));
  statementLog((line) => lines.push(line))({ ...EVENT, ...event }, plans);
  expect(lines).toHaveLength(1);
  return lines[0];
}

describe('the log of statements', () => {
  it('has one line for a call', () => {
    expect(lineOf({ label: 'trips.list' }, 'select *\n  from trips\n  where id = $1')).toBe(
      '1.2 ms direct select public.trips anon [trips.list] 3 rows | select * from trips where id = $1',
    );
  });

  it('says why a call failed', () => {
    expect(lineOf({ errorCode: 'TIMEOUT', outcome: 'unknown' })).toBe(
      '1.2 ms direct select public.trips anon TIMEOUT (unknown)',
    );
  });

  it.each(['\n', '\r\n', '\u001b[2J', '\u2028', '\u202e', '\0'])(
    'writes no %j of a name or of raw SQL',
    (text) => {
      expect(lineOf({ target: `public.a${text}b` }, `select 1${text}`)).not.toContain(text);
    },
  );

  it('ends somewhere', () => {
    expect(lineOf({}, 'x'.repeat(100_000))?.length).toBeLessThan(3_000);
  });
});
