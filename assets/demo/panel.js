// The panel's users, as they are there.

import { $, el } from './dom.js';
import { nameOf, now, on, state } from './state.js';
import { onLanguage, relative, say, shortDate } from './words.js';

let known = new Map();

function row(user) {
  const date = new Date(user.expires_at);
  const person = user.telegram && el('span', 'linked', nameOf(user.telegram));
  return el('li', 'user', [
    el('b', 'name', user.username),
    el('span', `status ${user.status.toLowerCase()}`, say(user.status)),
    el('span', 'date', [el('span', '', relative(date, now())), ' · ', el('time', '', shortDate(date), { datetime: user.expires_at })]),
    el('span', 'end', [person, person && ' · ', say('link', { end: user.link })]),
  ], { 'data-user': user.username });
}

function draw() {
  const { users, total, version } = state.panel;
  const down = state.trouble.panel_down;
  $('panel-state').textContent = down ? say('panelIsDown') : say('panelUp', { version });
  $('panel-state').classList.toggle('is-down', down);
  const rows = users.map((user) => {
    const item = row(user);
    const as = JSON.stringify(user);
    if (state.ready && known.get(user.id) !== as) item.classList.add('flash');
    return item;
  });
  known = new Map(users.map((user) => [user.id, JSON.stringify(user)]));
  const more = total > users.length && el('li', 'nothing', say('more', { n: total - users.length }));
  const none = total === 0 && el('li', 'nothing', say('noUsers'));
  $('users').replaceChildren(...[...rows, more, none].filter(Boolean));
}

/** Dates go by without anybody telling. */
function tick() {
  for (const [at, user] of state.panel.users.entries()) {
    const words = $('users').children[at]?.querySelector('.date > span');
    const text = relative(new Date(user.expires_at), now());
    if (words && words.textContent !== text) words.textContent = text;
  }
}

export function start() {
  on('panel', draw);
  on('trouble', () => { draw(); });
  on('people', draw);
  on('hello', () => { known = new Map(); });
  onLanguage(draw);
  setInterval(tick, 1000);
}
