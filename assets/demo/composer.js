// The field under the chat: a draft for each person, and the bot's commands.

import { $, el, kept } from './dom.js';
import { on, send, state } from './state.js';
import { onLanguage } from './words.js';

const drafts = new Map();
let field;
let menu;
/** The commands that are offered, and which of them is chosen. */
let offered = [];
let chosen = 0;

function grow() {
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
  $('send').disabled = field.value.trim() === '';
}

function write(text) {
  field.value = text;
  grow();
}

function keep() {
  drafts.set(state.current, field.value);
  kept.set(`draft ${state.current}`, field.value);
}

async function submit() {
  const text = field.value.trim();
  if (text === '') return;
  const id = state.current;
  write('');
  keep();
  offer([]);
  if (!(await send(id, text)) && id === state.current && field.value === '') write(text);
}

/** The commands that begin with what was typed; all of them for the button. */
function fitting(text) {
  const typed = /^\/(\w*)$/.exec(text)?.[1].toLowerCase();
  if (typed === undefined) return [];
  return (state.menus.get(state.current) ?? []).filter(({ command }) => command.startsWith(typed));
}

function offer(commands) {
  offered = commands;
  chosen = 0;
  menu.replaceChildren(...commands.map(choice));
  menu.hidden = commands.length === 0;
  $('commands').setAttribute('aria-expanded', String(!menu.hidden));
  choose(0);
}

function choice({ command, description }, at) {
  const item = el('li', '', [el('b', '', `/${command}`), el('span', '', description)], { role: 'option', id: `command-${at}` });
  // The field keeps the focus.
  item.addEventListener('pointerdown', (event) => event.preventDefault());
  item.addEventListener('click', () => take(at));
  return item;
}

function choose(at) {
  if (offered.length === 0) return field.removeAttribute('aria-activedescendant');
  chosen = (at + offered.length) % offered.length;
  [...menu.children].forEach((item, own) => item.setAttribute('aria-selected', String(own === chosen)));
  menu.children[chosen].scrollIntoView({ block: 'nearest' });
  field.setAttribute('aria-activedescendant', `command-${chosen}`);
}

/** Sends the command, as Telegram does. */
function take(at) {
  write(`/${offered[at].command}`);
  submit();
}

/** A key while commands are offered; whether that was all it was for. */
function chosenBy(event) {
  if (menu.hidden) return false;
  switch (event.key) {
    case 'ArrowDown': choose(chosen + 1); return true;
    case 'ArrowUp': choose(chosen - 1); return true;
    case 'Enter': take(chosen); return true;
    case 'Tab': {
      if (event.shiftKey) return false;
      const { command } = offered[chosen];
      offer([]);
      write(`/${command} `);
      keep();
      return true;
    }
    case 'Escape': offer([]); return true;
    default: return false;
  }
}

function pressed(event) {
  // In the middle of a word put together by an input method, Enter ends the word.
  if (event.isComposing) return;
  if (!event.shiftKey || event.key === 'Tab') {
    if (chosenBy(event)) return event.preventDefault();
  }
  if (event.key === 'Enter' && !event.shiftKey) {
    event.preventDefault();
    submit();
  }
}

function toggle() {
  offer(menu.hidden ? state.menus.get(state.current) ?? [] : []);
  field.focus();
}

export function start() {
  [field, menu] = [$('message'), $('menu')];
  field.addEventListener('input', () => {
    grow();
    keep();
    offer(fitting(field.value));
  });
  field.addEventListener('keydown', pressed);
  field.addEventListener('blur', () => offer([]));
  $('composer').addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
    field.focus();
  });
  $('commands').addEventListener('pointerdown', (event) => event.preventDefault());
  $('commands').addEventListener('click', toggle);
  const draft = (id) => drafts.get(id) ?? kept.get(`draft ${id}`) ?? '';
  on('select', ({ id }) => {
    offer([]);
    write(draft(id));
  });
  on('menu', (id) => {
    if (id === state.current && !menu.hidden) offer(fitting(field.value));
  });
  onLanguage(() => offer([]));
  write(draft(state.current));
}
