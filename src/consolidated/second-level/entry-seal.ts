import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = SALT_BYTES + IV_BYTES + TAG_BYTES;
/** Says how the rest is written, so that another version of this package reads no other form. */
const SEALED = 's1.';
const PLAIN = 'p1.';

interface Keys {
  readonly forNames: Buffer;
  readonly forEntries: Buffer;
}

/**
 * What stands in the store: names that tell nothing of what was asked, and values that only who has the key can read or make.
 *
 * A value is bound to its name, so that nobody can put the answer of one question, or of one user, in the place of another's.
 * Without keys names are hashed and values are as they are.
 */
export class EntrySeal {
  readonly #keys: readonly Keys[];

  /** @param keys of 32 bytes, the newest first: it seals, and all of them open */
  constructor(keys: readonly Uint8Array[]) {
    this.#keys = keys.map((key) => ({
      forNames: derived(key, 'names'),
      forEntries: derived(key, 'entries'),
    }));
  }

  get hasKeys(): boolean {
    return this.#keys.length > 0;
  }

  /** Where the answer to a question may stand, one place for each key, the newest first. The first is where it is put. */
  namesOf(question: string): readonly [string, ...string[]] {
    const [first, ...others] = this.#keys.map(({ forNames }) =>
      createHmac('sha256', forNames).update(question).digest('base64url'),
    );
    return first === undefined
      ? [createHash('sha256').update(question).digest('base64url')]
      : [first, ...others];
  }

  /** @param name the first of `namesOf` */
  seal(name: string, text: string): string {
    const [keys] = this.#keys;
    if (keys === undefined) return PLAIN + text;
    const salt = randomBytes(SALT_BYTES);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, entryKey(keys, salt), iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(name));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return SEALED + Buffer.concat([salt, iv, cipher.getAuthTag(), body]).toString('base64url');
  }

  /**
   * Undefined for what was not sealed under this name by one of the keys.
   *
   * @param place of the name among those of its question
   */
  open(name: string, place: number, value: string): string | undefined {
    const keys = this.#keys[place];
    if (keys === undefined)
      return !this.hasKeys && value.startsWith(PLAIN) ? value.slice(PLAIN.length) : undefined;
    if (!value.startsWith(SEALED)) return undefined;
    const bytes = Buffer.from(value.slice(SEALED.length), 'base64url');
    if (bytes.length < HEAD_BYTES) return undefined;
    const salt = bytes.subarray(0, SALT_BYTES);
    const iv = bytes.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES);
    const decipher = createDecipheriv(CIPHER, entryKey(keys, salt), iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(bytes.subarray(SALT_BYTES + IV_BYTES, HEAD_BYTES));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES)), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}

function derived(key: Uint8Array, purpose: 'names' | 'entries'): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `consolidated-db cache ${purpose} 1`, 32));
}

/** One for each entry, so that many of them never use an initialization vector twice. */
function entryKey({ forEntries }: Keys, salt: Uint8Array): Buffer {
  return createHmac('sha256', forEntries).update(salt).digest();
}
