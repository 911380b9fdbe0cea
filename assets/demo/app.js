// The demo's page: chats with the real bot through the simulated Telegram, and beside them the panel and the log.

import * as chat from './chat.js';
import * as composer from './composer.js';
import { $, post } from './dom.js';
import * as guide from './guide.js';
import * as keys from './keys.js';
import * as log from './log.js';
import * as panel from './panel.js';
import * as people from './people.js';
import { emit, listen, messages, now, on, state } from './state.js';
import * as trouble from './trouble.js';
import * as windows from './windows.js';
import { onLanguage, say, shortDate, speak, spoken, weekday, write } from './words.js';

/** People whose chats are empty yet speak as whoever looks at the page; others as they do. */
function sameLanguage() {
  for (const { id, language } of state.people) {
    if (messages(id).length === 0 && language !== spoken()) {
      // It changes nothing else: if it does not arrive, the bot speaks the other language.
      post(`people/${id}/language`, { language: spoken() }).catch(() => {});
    }
  }
}

let unread = 0;
let today = '';

function title() {
  document.title = unread > 0 ? `(${unread}) ${say('title')}` : say('title');
}

function tick() {
  const date = new Date(now());
  if (date.toDateString() !== today) emit('day');
  today = date.toDateString();
  for (const [id, text] of [['clock-day', weekday(date)], ['clock-text', shortDate(date)]]) {
    if ($(id).textContent !== text) $(id).textContent = text;
  }
}

/** On small screens one part of the page is seen at a time. */
function view(name) {
  document.querySelector('main').dataset.view = name;
  for (const item of document.querySelectorAll('[data-open]')) {
    const here = item.dataset.open === name;
    if (here) item.setAttribute('aria-current', 'page');
    else item.removeAttribute('aria-current');
    if (here) item.classList.remove('news');
  }
  if (name === 'chat') people.read(state.current);
}

function newsOf(name) {
  const item = document.querySelector(`[data-open="${name}"]`);
  if (state.ready && !item.hasAttribute('aria-current')) item.classList.add('news');
}

function start() {
  write();
  [people, chat, keys, composer, windows, panel, log, guide, trouble].forEach((part) => part.start());
  on('ready', sameLanguage);
  on('connected', (is) => { $('away').hidden = is; });
  on('trouble', ({ passing }) => {
    tick();
    $('clock').classList.toggle('passing', passing);
  });
  on('view', view);
  on('panel', () => newsOf('panel'));
  on('log', () => newsOf('log'));
  on('unread', (count) => {
    unread = count;
    title();
    if (count > 0) newsOf('chat');
  });
  document.querySelectorAll('[data-open]').forEach((item) => item.addEventListener('click', () => view(item.dataset.open)));
  $('language').addEventListener('click', () => speak(say('otherCode')));
  onLanguage(() => {
    sameLanguage();
    tick();
    title();
  });
  setInterval(tick, 1000);
  listen();
}

start();
