import { describe, expect, it } from 'vitest';
import { html } from './html.ts';

describe('html', () => {
  it.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['" onload="x', '&quot; onload=&quot;x'],
    ["' onload='x", '&#39; onload=&#39;x'],
    ['&lt;', '&amp;lt;'],
    ['a\u0000b\u202ec', 'a\ufffdb\ufffdc'],
  ])('escapes %j', (text, expected) => {
    expect(`${html`<p>${text}</p>`}`).toBe(`<p>${expected}</p>`);
  });

  it('inserts what it made itself, lists, numbers and nothing', () => {
    expect(`${html`<p>${[html`<b>${'<'}</b>`, '>', 7]}${undefined}</p>`}`).toBe('<p><b>&lt;</b>&gt;7</p>');
  });

  it('does not take for HTML what only looks like it', () => {
    const forged = { toString: () => '<b>' } as never;
    expect(() => `${html`<p>${forged}</p>`}`).toThrow();
  });
});
