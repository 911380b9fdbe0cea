// "Try this": five steps that tick themselves off as things happen, each a tap away.

import { $, button, el, icon, kept } from './dom.js';
import { USER, OWNER, emit, inviteOf, messages, nameOf, on, select, send, state } from './state.js';
import { open } from './windows.js';
import { onLanguage, say } from './words.js';

/** What has been done; a step once done stays done. */
const done = new Set();
let awaited = false;

const entry = (action) => state.log.find((row) => row.action === action && row.done && row.person === OWNER);
const freeName = () => {
  const taken = new Set(state.panel.users.map(({ username }) => username));
  for (let number = 1; ; number += 1) if (!taken.has(`anna_${number}`)) return `anna_${number}`;
};
/** The client the list is about: Anna's, once she has one; before that the last one that Olga made. */
const client = () => annas()?.username ?? entry('create')?.client ?? freeName();
const annas = () => state.panel.users.find(({ telegram }) => telegram === USER);

/** The newest invite in the owner's chat, as its token. */
function invite() {
  for (const message of messages(OWNER).reverse()) {
    for (const { type, offset, length, url } of message.bot ? message.entities : []) {
      const token = type === 'url' || type === 'text_link' ? inviteOf(url ?? message.text.slice(offset, offset + length)) : null;
      if (token) return token;
    }
  }
  return null;
}

const photo = () => messages(USER).reverse().find((message) => message.photo);

/** As in Telegram: whoever writes to a bot has pressed Start. */
async function as(id, text) {
  select(id);
  if (messages(id).length > 0 || (await send(id, '/start'))) send(id, text);
}

function look() {
  select(USER);
  const message = photo();
  if (message) return emit('enlarge', { chat: USER, message, src: `/demo/people/${USER}/files/${message.id}?v=${message.edited}` });
  awaited = true;
  send(USER, '/config');
}

const STEPS = [
  { name: 'new', title: 'stepNew', who: OWNER, what: () => `/new ${freeName()} 30`, run: () => as(OWNER, `/new ${freeName()} 30`), seen: () => entry('create') },
  { name: 'invite', title: 'stepInvite', who: OWNER, what: () => `/invite ${client()}`, run: () => as(OWNER, `/invite ${client()}`), seen: invite },
  { name: 'accept', title: 'stepAccept', who: USER, what: () => say('openLink'), run: () => open(USER, invite()), seen: annas },
  { name: 'scan', title: 'stepScan', who: USER, what: () => (photo() ? say('look') : '/config'), run: look, seen: () => false },
  { name: 'block', title: 'stepBlock', who: OWNER, what: () => `/block ${client()}`, run: () => as(OWNER, `/block ${client()}`), seen: () => entry('block') },
];

function draw() {
  const next = STEPS.find(({ name }) => !done.has(name));
  $('guide-title').textContent = say(next ? 'tryThis' : 'tryDone');
  $('steps').replaceChildren(...STEPS.map((step, at) => drawn(step, at, step === next)));
  const closed = kept.get('guide') === 'closed';
  $('steps').hidden = closed;
  $('guide-fold').setAttribute('aria-expanded', String(!closed));
  $('guide-fold').setAttribute('aria-label', say(closed ? 'show' : 'hide'));
  $('guide-fold').title = say(closed ? 'show' : 'hide');
}

function drawn({ name, title, who, what, run }, at, isNext) {
  const is = done.has(name);
  const mark = el('span', 'mark', is ? [icon('done'), el('span', 'unseen', say('doneStep'))] : String(at + 1));
  const act = isNext && button('run', [el('span', '', `${nameOf(who)}: `), el('code', '', what())], () => {
    emit('view', 'chat');
    run();
  });
  return el('li', `step ${is ? 'is-done' : ''} ${isNext ? 'is-next' : ''}`, [mark, el('span', 'title', say(title)), act], { 'data-step': name });
}

function check() {
  if (!state.ready) return;
  const focused = $('steps').contains(document.activeElement);
  for (const { name, seen } of STEPS) if (seen()) done.add(name);
  kept.set('done', JSON.stringify([state.hello.run, ...done]));
  draw();
  if (focused) ($('steps').querySelector('.run') ?? $('guide-fold')).focus({ preventScroll: true });
}

/** After a reload it is as it was, unless another demo runs by now. */
function recall({ run }) {
  done.clear();
  awaited = false;
  const [of, ...names] = JSON.parse(kept.get('done') ?? '[]');
  if (of === run) names.forEach((name) => done.add(name));
}

export function start() {
  on('hello', recall);
  ['ready', 'log', 'panel'].forEach((name) => on(name, check));
  on('chat', ({ chat }) => {
    check();
    if (awaited && chat === USER && photo()) {
      awaited = false;
      look();
    }
  });
  on('enlarge', ({ chat }) => {
    if (chat === USER) done.add('scan');
    check();
  });
  $('guide-fold').addEventListener('click', () => {
    kept.set('guide', kept.get('guide') === 'closed' ? 'open' : 'closed');
    draw();
  });
  onLanguage(draw);
}
