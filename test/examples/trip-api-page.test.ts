import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeCommand } from '../support/external-command.ts';
import { Browser } from './browser.ts';

const HOSTILE = `Porto <img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
const CHROMIUM = { command: 'chromium', debianPackage: 'chromium' };

/** What one command starts, as somebody uses it. */
describeCommand('the page of the trip API in a browser', CHROMIUM, () => {
  let api: ChildProcessByStdio<null, Readable, null>;
  let browser: Browser;
  let password: string;

  beforeAll(async () => {
    api = spawn(process.execPath, [join(import.meta.dirname, '../../examples/trip-api/embedded.ts')], {
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(api.stdout)[Symbol.asyncIterator]();
    const { value: url = '' } = await lines.next();
    const { value: told = '' } = await lines.next();
    password = /The password of both is (\S+)$/.exec(told)?.[1] ?? '';
    browser = await Browser.open(url);
  }, 180_000);
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    api.kill('SIGTERM');
    if (api.exitCode === null && api.signalCode === null) await once(api, 'exit');
  });

  const submit = (panel: number, form: string, values: Readonly<Record<string, string>>) =>
    browser.evaluate(`(() => {
      const form = document.querySelectorAll('.panel')[${panel}].querySelector('.${form}');
      for (const [name, value] of Object.entries(${JSON.stringify(values)})) form.elements[name].value = value;
      form.requestSubmit();
    })()`);
  const shows = (panel: number, selector: string, text: string) =>
    browser.until(
      `[...document.querySelectorAll('.panel')[${panel}].querySelectorAll('${selector}')].some((part) => part.textContent.includes(${JSON.stringify(text)}))`,
    );
  const press = (panel: number, item: string, button: string) =>
    browser.evaluate(`(() => {
      const items = [...document.querySelectorAll('.panel')[${panel}].querySelectorAll('li')];
      const buttons = items.find((one) => one.textContent.includes(${JSON.stringify(item)})).querySelectorAll('button');
      [...buttons].find((one) => one.textContent === '${button}').click();
    })()`);

  it('shows each of two users their trips, and what is shared as it is shared', async () => {
    await submit(0, 'sign-in', { email: 'ana@example.com', password: 'a wrong password' });
    await shows(0, '.problem', 'Email or password is wrong.');
    await submit(0, 'sign-in', { email: 'ana@example.com', password });
    await submit(1, 'sign-in', { email: 'ben@example.com', password });
    await shows(0, '.trips', 'Long weekend in Lisbon');
    await shows(1, '.trips', 'Safari');
    await submit(0, 'new-trip', { title: HOSTILE });
    await shows(0, '.trips', HOSTILE);
    expect(await browser.evaluate(`document.querySelectorAll('.trips')[1].textContent`)).not.toContain(
      'Porto',
    );
    await press(0, 'Porto', 'Share');
    await shows(1, '.trips', HOSTILE);
    await press(0, 'Porto', 'Cancel');
    await shows(1, '.trips .note', 'shared with me, cancelled');
  }, 120_000);

  it('finds places by name and by likeness', async () => {
    await submit(1, 'search', { text: 'lisbon' });
    await shows(1, '.places', 'Lisbon');
    await press(1, 'Lisbon', 'Alike');
    await shows(1, '.places', 'Madrid');
  });

  it('runs nothing that a title holds, and loads nothing from elsewhere', async () => {
    expect(await browser.evaluate('document.title')).toBe('Trips of two users');
    expect(await browser.evaluate(`document.querySelectorAll('img, .trips script').length`)).toBe(0);
    const origins = `[...new Set(performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin))]`;
    expect(await browser.evaluate(`${origins}.every((origin) => origin === location.origin)`)).toBe(true);
    // The wrong password above is the one answer that is an error.
    expect(browser.complaints).toEqual([expect.stringContaining('401')]);
  });

  it.each([
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const)('fits a window of %d pixels, %s', async (width, scheme) => {
    await browser.show(width, scheme);
    const wide = `[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > ${width}).length`;
    expect(await browser.evaluate(wide)).toBe(0);
    const light = `getComputedStyle(document.body).backgroundColor`;
    expect(await browser.evaluate(light)).toBe(scheme === 'light' ? 'rgb(246, 247, 249)' : 'rgb(18, 22, 29)');
  });
});
