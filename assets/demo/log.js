// The service's log: when, who, what, whom, and how it ended.

import { $, el, icon } from './dom.js';
import { nameOf, now, on, state } from './state.js';
import { knows, onLanguage, say, shortDate, time } from './words.js';

let newest = null;

function who({ person, actor, source }) {
  if (person) return nameOf(person);
  if (source === 'job') return say('byJob');
  if (source === 'panel') return say('byPanel');
  const [kind, name] = actor.split(/:(.*)/s);
  return kind === 'token' ? say('byToken', { name }) : kind === 'anyone' ? say('anyone') : actor;
}

/** What was done, or what was not. */
function deed({ action, done }) {
  const key = done ? action : `not_${action}`.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
  return knows(key) ? say(key) : action;
}

const isToday = (date) => date.toDateString() === new Date(now()).toDateString();

function row(entry) {
  const when = new Date(entry.at);
  const what = deed(entry);
  const days = entry.days ? say('forDays', { n: entry.days }) : null;
  const more = entry.error ?? entry.reason ?? (entry.action === 'auto_deactivate' ? say('dateCame') : null);
  return el('li', `entry ${entry.done ? 'done' : 'failed'}`, [
    el('span', 'outcome', [icon(entry.done ? 'done' : 'failed'), el('span', 'unseen', say(entry.done ? 'success' : 'fail'))]),
    el('time', '', isToday(when) ? time(when) : shortDate(when), { datetime: entry.at }),
    el('span', 'deed', [el('b', '', who(entry)), ` ${what} `, el('span', 'whom', entry.client), days && el('small', '', ` ${days}`)]),
    more && el('small', 'more', more),
  ], { 'data-action': entry.action });
}

function draw() {
  const before = newest;
  newest = state.log[0]?.id ?? null;
  const fresh = state.ready ? state.log.findIndex(({ id }) => id === before) : 0;
  const rows = state.log.map((entry, at) => {
    const item = row(entry);
    // All of them are new when none of those before is left.
    if (state.ready && (fresh < 0 || at < fresh)) item.classList.add('flash');
    return item;
  });
  $('entries').replaceChildren(...(rows.length > 0 ? rows : [el('li', 'nothing', say('noLog'))]));
}

export function start() {
  on('log', draw);
  on('people', draw);
  on('day', draw);
  onLanguage(draw);
}
