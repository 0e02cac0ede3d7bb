import { decodeJwt, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { issueTokens, makeSecret } from '../../examples/demo/tokens.ts';

const SUB = '11111111-1111-4111-8111-111111111111';
const NOW_S = 1_800_000_000;

async function tokensAndVerify() {
  const secret = makeSecret();
  const tokens = await issueTokens(secret, SUB, NOW_S);
  const verify = (token: string) =>
    jwtVerify(token, new TextEncoder().encode(secret), {
      audience: 'authenticated',
      currentDate: new Date(NOW_S * 1000),
    });
  return { tokens, verify };
}

test('the good token holds and names the user', async () => {
  const { tokens, verify } = await tokensAndVerify();
  const { payload } = await verify(tokens.good);
  expect(payload).toMatchObject({ sub: SUB, role: 'authenticated', exp: NOW_S + 3600 });
});

test('three tokens fail the check, each for its own reason', async () => {
  const { tokens, verify } = await tokensAndVerify();
  await expect(verify(tokens.badSignature)).rejects.toThrow('signature verification failed');
  await expect(verify(tokens.expired)).rejects.toThrow('"exp" claim timestamp check failed');
  await expect(verify(tokens.unsigned)).rejects.toThrow();
  expect(decodeJwt(tokens.unsigned)).toMatchObject({ sub: SUB });
});

test('the token for service_role is rightly signed: only its role is wrong', async () => {
  const { tokens, verify } = await tokensAndVerify();
  expect((await verify(tokens.serviceRole)).payload).toMatchObject({ sub: SUB, role: 'service_role' });
});

test('no two runs share a secret', () => {
  expect(makeSecret()).not.toBe(makeSecret());
});
