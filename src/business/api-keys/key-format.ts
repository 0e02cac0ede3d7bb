import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { UsageError } from '../../contract/errors.ts';
import { base62 } from './base62.ts';

/** A new key, and what of it may be seen. */
interface IssuedKey {
  readonly text: string;
  /** Such as `cdb_Ab12Cd34`: for lists, and to find the row of a key that was leaked. */
  readonly prefix: string;
}

/** 47 bits: no part of what makes the key secret. */
const ID_LENGTH = 8;
const SECRET_BYTES = 32;
/** 62^43 is just above 2^256. */
const SECRET_LENGTH = 43;
/** 62^6 is above 2^32. */
const CHECKSUM_LENGTH = 6;
/** The column `key_prefix` takes 16 characters. */
const BRAND = /^[a-z][a-z0-9]{1,6}$/;

/**
 * The form of the keys of one brand: `cdb_<id>_<secret>_<checksum>` in base62, 63 characters for a brand of three.
 *
 * The secret has 256 random bits. The checksum is a CRC-32 of all before it. It keeps no secret: it tells a key that was cut short
 * or mistyped, and what a scanner of secrets took for a key, without a question to the database.
 */
export class KeyFormat {
  readonly #brand: string;
  readonly #pattern: RegExp;
  readonly #random: (size: number) => Uint8Array;

  /** @throws UsageError unless the brand is a letter and 1 to 6 letters or digits, in lower case */
  constructor(brand = 'cdb', random: (size: number) => Uint8Array = randomBytes) {
    if (typeof brand !== 'string' || !BRAND.test(brand)) {
      throw new UsageError(
        `The option 'brand' must be 2 to 7 lower-case letters or digits and begin with a letter. It was ${
          typeof brand === 'string' ? `'${brand}'` : `of type ${typeof brand}`
        }.`,
        { code: 'INVALID_OPTION' },
      );
    }
    this.#brand = brand;
    this.#pattern = new RegExp(
      `^${brand}_[0-9A-Za-z]{${ID_LENGTH}}_[0-9A-Za-z]{${SECRET_LENGTH}}_[0-9A-Za-z]{${CHECKSUM_LENGTH}}$`,
    );
    this.#random = random;
  }

  issue(): IssuedKey {
    const prefix = `${this.#brand}_${base62(this.#random(ID_LENGTH), ID_LENGTH)}`;
    const body = `${prefix}_${base62(this.#random(SECRET_BYTES), SECRET_LENGTH)}`;
    return { text: `${body}_${checksumOf(body)}`, prefix };
  }

  /** Whether it has the form of a key and its checksum is right. It may still be unknown. */
  isWellFormed(text: unknown): text is string {
    if (typeof text !== 'string' || !this.#pattern.test(text)) return false;
    const end = text.length - CHECKSUM_LENGTH - 1;
    return checksumOf(text.slice(0, end)) === text.slice(end + 1);
  }
}

function checksumOf(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return base62(bytes, CHECKSUM_LENGTH);
}

/** What is stored of a key. A fast hash is enough: 256 random bits cannot be guessed, unlike a password. */
export function hashOfKey(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
