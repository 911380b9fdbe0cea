// One tab for each person: whose Telegram this is.

import { el, face } from './dom.js';
import { emit, on, select, state } from './state.js';
import { onLanguage, say, spoken } from './words.js';

export const COLOURS = new Map([[1001, 'violet'], [4004, 'blue'], [2002, 'green'], [3003, 'orange']]);

const unread = new Map();
let tabs;
/** What is drawn: what has not changed keeps its place, and the focus. */
let shown = '';

function draw() {
  const as = JSON.stringify([spoken(), state.current, state.people.map(({ id, name, part }) => [id, name, part, unread.get(id)])]);
  if (as === shown) return;
  shown = as;
  const focused = tabs.contains(document.activeElement);
  tabs.replaceChildren(...state.people.map(tab));
  if (focused) tabs.querySelector('[aria-selected=true]')?.focus();
}

function tab({ id, name, part }) {
  const chosen = id === state.current;
  const count = unread.get(id) ?? 0;
  const badge = count > 0 && el('span', 'badge', [String(count), el('span', 'unseen', ` ${say('unread', { n: count })}`)]);
  const words = el('span', 'who', [el('b', '', name), el('small', '', say(part))]);
  const element = el('button', 'person', [face(name, COLOURS.get(id)), words, badge], {
    type: 'button', role: 'tab', id: `person-${id}`, 'aria-controls': 'room', 'aria-selected': String(chosen),
    tabindex: chosen ? '0' : '-1',
  });
  element.addEventListener('click', () => select(id));
  return element;
}

/** Arrow keys go from person to person, as in any row of tabs. */
function move(event) {
  const at = state.people.findIndex(({ id }) => id === state.current);
  const last = state.people.length - 1;
  const to = {
    ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  select(state.people[to].id);
  tabs.querySelector('[aria-selected=true]').focus();
}

/** Whether what comes into this chat is seen at once. */
const seen = (id) => id === state.current && document.querySelector('main').dataset.view === 'chat';

export function read(id) {
  if (!unread.delete(id)) return;
  draw();
  count();
}

const count = () => emit('unread', [...unread.values()].reduce((sum, some) => sum + some, 0));

export function start() {
  tabs = document.getElementById('people');
  tabs.addEventListener('keydown', move);
  on('people', draw);
  on('select', ({ id }) => {
    unread.delete(id);
    draw();
    count();
  });
  on('hello', () => unread.clear());
  on('chat', ({ chat, added }) => {
    const fresh = added.filter((message) => message.bot).length;
    if (!state.ready || fresh === 0 || seen(chat)) return;
    unread.set(chat, (unread.get(chat) ?? 0) + fresh);
    draw();
    count();
  });
  onLanguage(draw);
}
