import { describe, expect, it } from 'vitest';
import { scramVerifier } from './scram-verifier.ts';

describe('scramVerifier', () => {
  it('derives the keys of the exchange that RFC 7677 prints', () => {
    // There the server proves its key by the signature of an exchange with the password `pencil`.
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    expect(scramVerifier('pencil', salt)).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  it('refuses a password that the client would normalise', () => {
    expect(() => scramVerifier('pässword', new Uint8Array(16))).toThrow(RangeError);
  });
});
