// Inline keyboards: rows of buttons under a message, and what a tap does.

import { button, copy, el, icon, post } from './dom.js';
import { emit, on } from './state.js';
import { link } from './text.js';
import { say } from './words.js';

/** After this long Telegram's apps stop waiting too. */
const PATIENCE = 30_000;

/** Taps without an answer yet: the button each was on. */
const waiting = new Map();
const place = (chat, message, data) => `${chat} ${message} ${data}`;

export function keyboard(chat, message) {
  if (message.keyboard.length === 0) return null;
  const rows = message.keyboard.map((row) => el('div', 'row', row.map((key) => drawn(chat, message, key))));
  return el('div', 'keyboard', rows);
}

function drawn(chat, message, key) {
  const label = el('span', 'label', key.text);
  const marked = (name, text) => [label, icon(name, 'corner'), el('span', 'unseen', ` (${say(text)})`)];
  if (key.copy_text) return button('key', marked('copy', 'copies'), () => copied(key.copy_text));
  const address = key.url ?? key.web_app;
  if (address) {
    const element = link(address, 'key');
    element.append(...marked('out', 'opens'));
    return element;
  }
  const element = button('key', label, () => tap(chat, message.id, key.callback_data));
  element.dataset.place = place(chat, message.id, key.callback_data);
  spin(element, waiting.has(element.dataset.place));
  return element;
}

async function copied(text) {
  emit('said', say((await copy(text)) ? 'copied' : 'notCopied'));
}

function spin(element, on) {
  if (on) element.setAttribute('aria-busy', 'true');
  else element.removeAttribute('aria-busy');
}

function mark(where, on) {
  for (const element of document.querySelectorAll('.key[data-place]')) {
    if (element.dataset.place === where) spin(element, on);
  }
}

async function tap(chat, message, data) {
  const where = place(chat, message, data);
  if (waiting.has(where)) return;
  waiting.set(where, null);
  mark(where, true);
  try {
    const { tap: id } = await post(`people/${chat}/tap`, { message, data });
    // The answer may have been quicker than this.
    if (early.delete(id)) return over(where);
    waiting.set(where, id);
    setTimeout(() => {
      if (waiting.get(where) !== id) return;
      over(where);
      emit('said', say('noAnswer'));
    }, PATIENCE);
  } catch {
    over(where);
    emit('failed', 'notSent');
  }
}

function over(where) {
  waiting.delete(where);
  mark(where, false);
}

/** Answers to taps whose number is not known yet. */
const early = new Set();

export function start() {
  on('answer', ({ tap: id, answer }) => {
    const where = [...waiting].find(([, tapped]) => tapped === id)?.[0];
    // Another page's tap is none of ours.
    if (!where && ![...waiting.values()].includes(null)) return;
    if (where) over(where);
    else early.add(id);
    if (!answer) return;
    if (answer.text) emit(answer.alert ? 'alert' : 'said', answer.text);
  });
  on('hello', () => {
    [...waiting.keys()].forEach(over);
    early.clear();
  });
}
