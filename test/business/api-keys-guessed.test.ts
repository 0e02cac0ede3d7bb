import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { base62 } from '../../src/business/api-keys/base62.ts';
import {
  type ConsolidatedDatabaseService,
  createApiKeys,
  createApiKeyVerifier,
  createDatabaseService,
  DatabaseError,
  service,
  user,
} from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import { ANA, USERS } from './two-users.ts';

const GUESSES = 100_000;
const AT_ONCE = 16;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** With the checksum that its text asks for. Everybody can compute it. */
function withChecksum(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return `${body}_${base62(bytes, 6)}`;
}

const bodyOf = (key: string): string => key.slice(0, key.lastIndexOf('_'));

/** Ways to come by a wrong key, from two right ones. Those that are `forged` have a right checksum. */
function waysToGuess(random: SeededRandom) {
  const below = (count: number): number => random.below(count);
  const digits = (count: number): string => Array.from({ length: count }, () => DIGITS[below(62)]).join('');
  const changed = (text: string, from: number): string => {
    const at = from + below(text.length - from);
    const other = DIGITS[(DIGITS.indexOf(text.charAt(at)) + 1 + below(61)) % 62] ?? '';
    return text[at] === '_' ? changed(text, from) : text.slice(0, at) + other + text.slice(at + 1);
  };
  type Guess = (key: string, other: string) => unknown;
  const forged: Readonly<Record<string, Guess>> = {
    'one character of the secret': (key) => withChecksum(changed(bodyOf(key), 13)),
    'one character of the prefix': (key) => withChecksum(changed(bodyOf(key), 4)),
    'a real prefix': (key) => withChecksum(`${key.slice(0, 12)}_${digits(43)}`),
    'the secret of another key': (key, other) => withChecksum(key.slice(0, 13) + bodyOf(other).slice(13)),
    'nothing real': () => withChecksum(`cdb_${digits(8)}_${digits(43)}`),
  };
  const malformed: Readonly<Record<string, Guess>> = {
    'one character': (key) => changed(key, 4),
    'another checksum': (key, other) => bodyOf(key) + other.slice(-7),
    'cut short': (key) => key.slice(0, below(key.length)),
    'something behind it': (key) => `${key}${[' ', '\n', '\0', '=', '_', 'A'][below(6)]}`,
    'another case': (key) => (random.chance(0.5) ? key.toUpperCase() : key.toLowerCase()),
    'its hash': (key) => createHash('sha256').update(key).digest('hex'),
    'its prefix': (key) => key.slice(0, 12),
    'another brand': (key) => withChecksum(`sk${bodyOf(key)}`),
    'a token': () => `eyJhbGciOiJub25lIn0.${digits(40)}.`,
    SQL: (key) => `${key}' or '1'='1`,
    'a pattern': (key) => `${key.slice(0, 12)}_%`,
    'no text': (key) => [undefined, null, 0, {}, [key], { key }, Buffer.from(key)][below(7)],
  };
  return { forged, malformed, below };
}

describeFullStack('wrong API keys', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService<Database>;
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: true, sql: USERS });
    const { user, service } = database;
    db = createDatabaseService<Database>({
      direct: user.direct,
      transaction: user.transaction,
      service: { direct: service.direct, transaction: service.transaction },
    });
  });
  afterAll(async () => {
    await db.close({ drainMs: 0 });
    await database.drop();
  });

  it(`are refused, ${GUESSES} of them, all by the same answer, and right ones accepted meanwhile`, async () => {
    const { forged, malformed, below } = waysToGuess(new SeededRandom(20_261_130));
    const ways = [...Object.entries(forged), ...Object.entries(malformed)];
    const keys = createApiKeys(db.as(user({ sub: ANA })));
    const made = await Promise.all(
      Array.from({ length: 8 }, async (_, n) => keys.create({ name: `key ${n}` })),
    );
    const right = made.map(({ key }) => key.reveal());
    const dead = await keys.create({ name: 'dead' });
    await keys.revoke(dead.record.id);
    await using verifier = createApiKeyVerifier(db.as(service()));
    for (const key of right) await verifier.verify(key);

    const answers = new Set<string>();
    const accepted: string[] = [];
    const counts = new Map<string, number>();
    const forgeries = new Set<unknown>();
    let forgedGuesses = 0;
    let guesses = 0;
    const guess = async (): Promise<void> => {
      while (guesses < GUESSES) {
        guesses += 1;
        const [way, make] = ways[below(ways.length)] ?? ['', () => undefined];
        const at = below(right.length);
        const wrong = make(right[at] ?? '', right[(at + 1) % right.length] ?? '');
        if (right.includes(wrong as string)) continue;
        counts.set(way, (counts.get(way) ?? 0) + 1);
        if (Object.hasOwn(forged, way)) {
          forgedGuesses += 1;
          forgeries.add(wrong);
        }
        try {
          await verifier.verify(wrong);
          accepted.push(way);
        } catch (error) {
          answers.add(JSON.stringify(error));
          if (!(error instanceof DatabaseError) || error.cause !== undefined) throw error;
        }
        if (guesses % 1_000 === 0) await verifier.verify(right[below(right.length)]);
      }
    };
    const { lookups } = verifier.stats();
    await Promise.all(Array.from({ length: AT_ONCE }, guess));
    await expect(verifier.verify(dead.key.reveal())).rejects.toMatchObject({ code: 'API_KEY_INVALID' });

    expect(accepted).toEqual([]);
    expect([...answers]).toEqual([
      JSON.stringify({
        name: 'AuthenticationError',
        code: 'API_KEY_INVALID',
        message: 'The API key is invalid.',
        statusCode: 401,
        outcome: 'not-applied',
      }),
    ]);
    expect(Math.min(...counts.values())).toBeGreaterThan(GUESSES / ways.length / 2);
    const stats = verifier.stats();
    // Only forged keys are asked for, and the right ones again.
    expect(stats.lookups - lookups).toBeGreaterThanOrEqual(forgeries.size);
    expect(stats.lookups - lookups).toBeLessThan(forgedGuesses + GUESSES / 1_000 + 2);
    expect(stats.keys).toBeLessThanOrEqual(right.length);
    for (const key of right) await verifier.verify(key);
  }, 300_000);
});
