// What the demo has told of itself, and who wants to hear when it changes.

import { kept, post } from './dom.js';

/** So many messages of a chat are kept. */
export const MESSAGES = 200;
export const OWNER = 1001;
export const USER = 2002;

export const state = {
  hello: null,
  people: [],
  /** Of each person a map of messages by number, oldest first. */
  chats: new Map(),
  menus: new Map(),
  panel: { users: [], total: 0, version: '' },
  log: [],
  trouble: { panel_down: false, flooded_until: null, passing: false, ahead_ms: 0 },
  /** All that there was has been told; what comes now is new. */
  ready: false,
  /** Whose chat is shown. */
  current: Number(kept.get('current')) || OWNER,
};

const listeners = new Map();

/** Runs when something of this name happens. */
export function on(name, act) {
  if (!listeners.has(name)) listeners.set(name, []);
  listeners.get(name).push(act);
}

export function emit(name, value) {
  for (const act of listeners.get(name) ?? []) act(value);
}

export const person = (id) => state.people.find((known) => known.id === id);
export const nameOf = (id) => person(id)?.name ?? String(id);

/** The messages of a chat, oldest first. */
export const messages = (id) => [...(state.chats.get(id)?.values() ?? [])];

/** The link that an invite is, as its token; none when the address is another. */
export function inviteOf(address) {
  const url = URL.parse ? URL.parse(address) : safely(address);
  const bot = state.hello?.bot.username.toLowerCase();
  if (!url || !bot) return null;
  const to = url.protocol === 'tg:' ? url.searchParams.get('domain') : url.host === 't.me' ? url.pathname.slice(1) : null;
  return to?.toLowerCase() === bot ? url.searchParams.get('start') : null;
}

function safely(address) {
  try { return new URL(address); } catch { return null; }
}

/** Whose chat is shown from now on. */
export function select(id) {
  if (id === state.current) return;
  const before = state.current;
  state.current = id;
  kept.set('current', id);
  emit('select', { id, before });
}

/** Sends a message as somebody. */
export async function send(id, text) {
  try {
    await post(`people/${id}/send`, { text });
    return true;
  } catch {
    emit('failed', 'notSent');
    return false;
  }
}

let skew = 0;
let told = null;

/** The present, as everybody in the demo has it. */
export const now = () => Date.now() + skew + state.trouble.ahead_ms;

const hear = {
  hello(hello) {
    // Told anew: what was before is forgotten.
    Object.assign(state, { hello, ready: false });
    state.chats.clear();
    told = Date.parse(hello.now) - Date.now();
    emit('hello', hello);
  },
  trouble(trouble) {
    if (told !== null) skew = told - trouble.ahead_ms;
    told = null;
    state.trouble = trouble;
    emit('trouble', trouble);
  },
  people(people) {
    state.people = people;
    emit('people', people);
  },
  menu({ chat, commands }) {
    state.menus.set(chat, commands);
    emit('menu', chat);
  },
  chat({ chat, messages: fresh, gone }) {
    if (!state.chats.has(chat)) state.chats.set(chat, new Map());
    const known = state.chats.get(chat);
    const added = fresh.filter((message) => !known.has(message.id));
    gone.forEach((id) => known.delete(id));
    fresh.forEach((message) => known.set(message.id, message));
    const old = [...known.keys()].slice(0, Math.max(0, known.size - MESSAGES));
    old.forEach((id) => known.delete(id));
    emit('chat', { chat, fresh, gone: [...gone, ...old], added });
  },
  acting: (acting) => emit('acting', acting),
  answer: (answer) => emit('answer', answer),
  panel(panel) {
    state.panel = panel;
    emit('panel', panel);
  },
  log(log) {
    state.log = log;
    emit('log', log);
  },
  ready() {
    state.ready = true;
    emit('ready');
  },
};

/** Listens to the demo for as long as the page is open. */
export function listen() {
  const source = new EventSource('/demo/events');
  for (const [name, act] of Object.entries(hear)) {
    source.addEventListener(name, (event) => act(JSON.parse(event.data)));
  }
  source.addEventListener('open', () => emit('connected', true));
  source.addEventListener('error', () => {
    emit('connected', false);
    // An answer that is no stream (too many pages, another program on the port) ends it for good: it is begun anew.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  });
}
