/** Two panels, each with a user of its own. What comes from the service is shown as text, never as HTML. */

const RECONNECT_MS = 1_000;
const panels = [];

class Panel {
  #token;
  #refreshToken;
  #refreshing;
  #id;
  #events;
  #next;

  constructor(root) {
    this.root = root;
    this.on('.sign-in', 'submit', (form) => this.signIn(form));
    this.on('.sign-out', 'click', () => this.signOut());
    this.on('.new-trip', 'submit', (form) => this.plan(form));
    this.on('.search', 'submit', (form) => this.find(form.elements.text.value));
    this.on('.more', 'click', () => this.list(this.#next));
    this.on('.export', 'click', () => this.export());
  }

  get id() {
    return this.#id;
  }

  part(selector) {
    return this.root.querySelector(selector);
  }

  on(selector, event, handle) {
    this.part(selector).addEventListener(event, (happened) => {
      happened.preventDefault();
      this.trying(() => handle(happened.currentTarget));
    });
  }

  /** What fails is said in words of this page: a problem has a code, not a message. */
  async trying(work) {
    const problem = this.part('.problem');
    problem.hidden = true;
    try {
      await work();
    } catch (error) {
      problem.textContent = error instanceof Problem ? error.message : 'The service cannot be reached.';
      problem.hidden = false;
    }
  }

  async ask(path, options) {
    try {
      return await this.send(path, options);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'TOKEN_EXPIRED') throw error;
      await this.refreshed();
      return this.send(path, options);
    }
  }

  async send(path, { method = 'GET', body, signal } = {}) {
    const response = await fetch(path, {
      method,
      signal,
      headers: {
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Problem(await response.json());
    return response;
  }

  async json(path, options) {
    return (await this.ask(path, options)).json();
  }

  /** The access token lives for minutes. One refresh serves all who wait for it: a refresh token is used once. */
  refreshed() {
    this.#refreshing ??= this.send('/sign-in/refresh', {
      method: 'POST',
      body: { refreshToken: this.#refreshToken },
    })
      .then(async (response) => this.keep(await response.json()))
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  async signIn(form) {
    const { email, password } = form.elements;
    const credentials = { email: email.value, password: password.value };
    this.keep(await this.json('/sign-in', { method: 'POST', body: credentials }));
    const { id, display_name } = await this.json('/profile');
    this.#id = id;
    form.reset();
    this.part('h2').textContent = display_name;
    this.show(true);
    this.hear();
  }

  /** In memory alone: a reload of the page signs out. */
  keep({ accessToken, refreshToken }) {
    this.#token = accessToken;
    this.#refreshToken = refreshToken;
  }

  async signOut() {
    this.#events?.abort();
    const tokens = { accessToken: this.#token, refreshToken: this.#refreshToken };
    this.#token = undefined;
    this.#refreshToken = undefined;
    this.#id = undefined;
    this.part('.trips').replaceChildren();
    this.part('.places').replaceChildren();
    this.show(false);
    await this.ask('/sign-in/out', { method: 'POST', body: tokens });
  }

  show(isSignedIn) {
    this.part('.sign-in').hidden = isSignedIn;
    this.part('.signed-in').hidden = !isSignedIn;
  }

  async plan(form) {
    await this.json('/trips', { method: 'POST', body: { title: form.elements.title.value } });
    form.reset();
  }

  async list(after) {
    const { trips, next } = await this.json(
      `/trips?order=newest${after === undefined ? '' : `&after=${after}`}`,
    );
    const items = trips.map((trip) => this.tripItem(trip));
    if (after === undefined) this.part('.trips').replaceChildren(...items);
    else this.part('.trips').append(...items);
    this.#next = next;
    this.part('.more').hidden = next === undefined;
  }

  tripItem(trip) {
    const isOwn = trip.owner_id === this.#id;
    const item = listItem(trip.title, `${isOwn ? 'mine' : 'shared with me'}, ${trip.status}`);
    if (!isOwn) return item;
    if (trip.status === 'planning' || trip.status === 'booked') {
      item.append(this.button('Cancel', () => this.json(`/trips/${trip.id}/cancel`, { method: 'POST' })));
    }
    item.append(
      this.button('Share', async () => {
        const other = panels.find(
          (panel) => panel !== this && panel.id !== undefined && panel.id !== this.#id,
        );
        if (other === undefined) throw new Problem({ code: 'NOBODY_ELSE' });
        await this.json(`/trips/${trip.id}/collaborators/${other.id}`, {
          method: 'PUT',
          body: { role: 'viewer' },
        });
      }),
    );
    return item;
  }

  async find(text) {
    this.places(await this.json(`/destinations?text=${encodeURIComponent(text)}`));
  }

  places({ destinations }) {
    const items = destinations.map(({ id, name, country_code, population, similarity }) => {
      const alike = similarity === undefined ? '' : `, ${Math.round(similarity * 100)} % alike`;
      const item = listItem(name, `${country_code}, ${population.toLocaleString('en')} people${alike}`);
      item.append(
        this.button('Alike', async () => this.places(await this.json(`/destinations/${id}/alike`))),
      );
      return item;
    });
    this.part('.places').replaceChildren(...(items.length === 0 ? [listItem('Nothing found.', '')] : items));
  }

  async export() {
    const file = await (await this.ask('/export?format=csv')).blob();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = 'trips.csv';
    link.click();
    URL.revokeObjectURL(link.href);
  }

  /**
   * Server-sent events by fetch, because EventSource sends no token. Each connection begins with `reload`, so nothing that
   * happened in between is missed.
   */
  async hear() {
    const events = new AbortController();
    this.#events = events;
    while (!events.signal.aborted) {
      try {
        const response = await this.ask('/events', { signal: events.signal });
        this.live(true);
        for await (const event of eventsOf(response.body)) {
          if (event === 'reload' || event === 'changed') await this.trying(() => this.list());
        }
      } catch (error) {
        if (events.signal.aborted) return;
        if (error instanceof Problem && error.status === 401) return this.trying(() => Promise.reject(error));
      }
      this.live(false);
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }

  live(isOn) {
    this.part('.live').textContent = isOn ? 'live' : 'connecting';
    this.part('.live').classList.toggle('on', isOn);
  }

  button(text, work) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = text;
    button.addEventListener('click', () => this.trying(work));
    return button;
  }
}

class Problem extends Error {
  constructor({ status, code }) {
    super(MESSAGES[code] ?? `The service answered ${code}.`);
    this.status = status;
    this.code = code;
  }
}

const MESSAGES = {
  INVALID_CREDENTIALS: 'Email or password is wrong.',
  TOO_MANY_ATTEMPTS: 'That was wrong too often. Wait a little.',
  SESSION_INVALID: 'You were signed in for long enough. Sign in again.',
  TOKEN_INVALID: 'You are not signed in any more.',
  TOKEN_EXPIRED: 'You were signed in for long enough. Sign in again.',
  NOBODY_ELSE: 'Sign in as somebody else in the other panel.',
  TRIP_COMPLETED: 'This trip is over.',
  FORBIDDEN: 'You may not do that.',
};

function listItem(name, note) {
  const item = document.createElement('li');
  const texts = document.createElement('div');
  item.append(texts);
  for (const [className, text] of [
    ['name', name],
    ['note', note],
  ]) {
    const part = document.createElement('span');
    part.className = className;
    part.textContent = text;
    texts.append(part);
  }
  return item;
}

/** The names of events. */
async function* eventsOf(body) {
  let text = '';
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) yield /^event: (.*)$/m.exec(block)?.[1];
  }
}

for (const name of ['ana', 'ben']) {
  const root = document.querySelector('#panel').content.cloneNode(true).firstElementChild;
  root.querySelector('[name=email]').placeholder = `${name}@example.com`;
  document.querySelector('main').append(root);
  panels.push(new Panel(root));
}
