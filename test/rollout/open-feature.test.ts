import { InMemoryProvider, OpenFeature } from '@openfeature/server-sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { CurrentFlag } from '../../src/rollout/current-flag.ts';
import { openFeatureFlag } from '../../src/rollout/open-feature-flag.ts';
import { FakeClock } from '../support/fake-clock.ts';

const flagOf = (percentage: number) => ({
  rollout: { variants: { on: { percentage } }, defaultVariant: 'on', disabled: false },
});

afterEach(() => OpenFeature.close());

async function open(domain: string, flags: ConstructorParameters<typeof InMemoryProvider>[0]) {
  const provider = new InMemoryProvider(flags);
  await OpenFeature.setProviderAndWait(domain, provider);
  const clock = new FakeClock();
  const current = new CurrentFlag({
    source: openFeatureFlag(OpenFeature.getClient(domain), 'rollout'),
    ...{ clock, pollMs: 400, keepLastMs: 10_000, tell: () => {}, onWarning: () => {} },
  });
  await current.start();
  return { provider, current, clock };
}

describe('a flag of an OpenFeature provider', () => {
  it('is read, and read again when the provider tells of a change', async () => {
    const { current, provider } = await open('changing', flagOf(25));
    expect(current.flag).toMatchObject({ percentage: 25 });
    await provider.putConfiguration(flagOf(75));
    await expect.poll(() => current.flag).toMatchObject({ percentage: 75 });
    await current.close();
  });

  it('is none where the provider does not have it', async () => {
    const { current } = await open('lacking', {});
    expect([current.known, current.readability]).toEqual(['none', 'readable']);
    await current.close();
  });

  it('is not known where the provider fails', async () => {
    const { current } = await open('failing', {
      rollout: { variants: { on: { percentage: 5 } }, defaultVariant: 'missing', disabled: false },
    });
    expect(current.readability).toBe('unreadable');
    await current.close();
  });

  it('leaves no handler behind once it is closed', async () => {
    const { current, provider, clock } = await open('closed', flagOf(25));
    await current.close();
    await provider.putConfiguration(flagOf(75));
    await clock.advance(5_000);
    expect(current.flag).toMatchObject({ percentage: 25 });
    expect(clock.pending).toBe(0);
  });
});
