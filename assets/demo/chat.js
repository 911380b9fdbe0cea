// The chats: messages that come, change in place and go.

import { $, button, el, face, icon, post } from './dom.js';
import { keyboard } from './keys.js';
import { emit, messages, nameOf, now, on, person, send, state } from './state.js';
import { formatted } from './text.js';
import { day, onLanguage, say, size, time } from './words.js';

/** Whoever is this close to the end is taken along when something comes. */
const NEAR = 120;
/** For so long the bot is seen typing, as Telegram shows it. */
const ACTING = 5_000;

/** Of each person a list of messages; only one is shown. */
const lists = new Map();
let room;
let acting = null;
/** Whether the end of the chat is in sight: then it stays so, whatever comes and however the window changes. */
let atEnd = true;

function list(id) {
  if (!lists.has(id)) {
    const made = el('ol', 'list', [], { 'data-chat': id });
    made.hidden = id !== state.current;
    room.append(made);
    lists.set(id, made);
  }
  return lists.get(id);
}

function drawn(chat, message) {
  const who = el('span', 'unseen', say(message.bot ? 'fromBot' : 'you'));
  const text = message.text && el('div', 'text', [who, formatted(shortened(message), message.entities, chat), meta(message)]);
  const bubble = el('div', 'bubble', [picture(chat, message), file(chat, message), text || [who, meta(message)]]);
  const item = el('li', `message ${message.bot ? 'bot' : 'own'}`, [bubble, keyboard(chat, message)], { 'data-id': message.id });
  if (message.photo) item.classList.add('with-photo');
  return item;
}

/** Telegram's apps show an opened link as a bare /start. */
function shortened({ bot, text }) {
  return bot ? text : text.replace(/^\/start .*/s, '/start');
}

function meta(message) {
  const when = new Date(message.date);
  const parts = [
    message.edited > 0 && el('span', '', say('edited')),
    message.silent && el('span', 'quiet', [icon('silent'), el('span', 'unseen', say('silent'))]),
    el('time', '', time(when), { datetime: message.date }),
  ];
  return el('span', 'meta', parts);
}

const address = (chat, message) => `/demo/people/${chat}/files/${message.id}?v=${message.edited}`;

function picture(chat, message) {
  if (!message.photo) return null;
  const [width, height] = message.photo;
  const image = el('img', '', [], { src: address(chat, message), width, height, alt: say('qr'), decoding: 'async' });
  return button('photo', image, () => emit('enlarge', { chat, message, src: image.src }), { 'aria-label': say('picture') });
}

function file(chat, message) {
  if (!message.document) return message.other ? el('i', '', `[${message.other}]`) : null;
  const { name, size: bytes } = message.document;
  const words = el('span', '', [el('b', '', name), el('small', '', size(bytes))]);
  const label = say('download', { name, size: size(bytes) });
  return el('a', 'file', [el('span', 'round', icon('file')), words], { href: address(chat, message), download: name, 'aria-label': label });
}

/** Days between messages, and which message is the last of its side. */
function arrange(id) {
  const items = [...list(id).querySelectorAll(':scope > .message')];
  list(id).querySelectorAll(':scope > .day').forEach((line) => line.remove());
  const today = new Date(now()).toDateString();
  const yesterday = new Date(now() - 86_400_000).toDateString();
  let before = null;
  items.forEach((item, at) => {
    const when = new Date(state.chats.get(id).get(Number(item.dataset.id)).date);
    const date = when.toDateString();
    if (date !== before) {
      const word = date === today ? say('today') : date === yesterday ? say('yesterday') : day(when);
      item.before(el('li', 'day', el('span', '', word)));
    }
    before = date;
    const next = items[at + 1];
    item.classList.toggle('last', !next || next.classList.contains('own') !== item.classList.contains('own'));
  });
}

/** Puts a message where it belongs, in place of its older self. The focus stays where it was. */
function put(id, message) {
  const where = list(id);
  const old = where.querySelector(`:scope > [data-id="${message.id}"]`);
  const item = drawn(id, message);
  if (!old) {
    const later = [...where.children].find((other) => Number(other.dataset.id) > message.id);
    if (state.ready) item.classList.add('fresh');
    return later ? later.before(item) : where.append(item);
  }
  const focused = [...old.querySelectorAll('button, a')].indexOf(document.activeElement);
  old.replaceWith(item);
  if (focused < 0) return;
  const choices = item.querySelectorAll('button, a');
  (choices[Math.min(focused, choices.length - 1)] ?? room).focus({ preventScroll: true });
}

const isNear = () => room.scrollHeight - room.scrollTop - room.clientHeight < NEAR;

function toEnd(smooth = false) {
  atEnd = true;
  room.scrollTo({ top: room.scrollHeight, behavior: smooth ? 'smooth' : 'instant' });
}

function changed({ chat, fresh, gone, added }) {
  const near = atEnd;
  gone.forEach((id) => list(chat).querySelector(`:scope > [data-id="${id}"]`)?.remove());
  fresh.forEach((message) => put(chat, message));
  arrange(chat);
  if (chat !== state.current) return;
  empty();
  if (added.some((message) => message.bot)) quiet();
  if (near || added.some((message) => !message.bot)) toEnd();
  else if (added.length > 0) $('down').classList.add('news');
}

function redraw(id) {
  list(id).replaceChildren();
  messages(id).forEach((message) => put(id, message));
  arrange(id);
}

/** What is there while nothing has been written: Telegram's big button. */
function empty() {
  const id = state.current;
  const nothing = state.ready && messages(id).length === 0;
  $('empty').hidden = !nothing;
  if (nothing) $('empty-text').textContent = say('empty', { name: nameOf(id) });
}

function quiet() {
  clearTimeout(acting);
  acting = null;
  $('bot-status').textContent = say('bot');
  $('bot-status').classList.remove('acting');
}

function act({ chat, action }) {
  if (chat !== state.current) return;
  clearTimeout(acting);
  $('bot-status').textContent = say(['upload_photo', 'upload_document'].includes(action) ? action : 'typing');
  $('bot-status').classList.add('acting');
  acting = setTimeout(quiet, ACTING);
}

/** The language of this person's app: what the bot goes by. */
function speaks() {
  const known = person(state.current);
  if (!known) return;
  const language = known.language === 'ru' ? 'ru' : 'en';
  $('speaks-code').textContent = language.toUpperCase();
  const label = say('speaksTitle', { name: known.name, language: say(language) });
  $('speaks').setAttribute('aria-label', label);
  $('speaks').title = label;
  $('speaks-name').textContent = say('speaks', { name: known.name });
}

function show() {
  const id = state.current;
  for (const [other, where] of lists) where.hidden = other !== id;
  list(id);
  $('room').setAttribute('aria-labelledby', `person-${id}`);
  quiet();
  empty();
  speaks();
  toEnd();
  $('down').hidden = true;
}

export function start() {
  room = $('messages');
  on('hello', ({ bot }) => {
    room.setAttribute('aria-busy', 'true');
    lists.forEach((where) => where.replaceChildren());
    $('bot-face').replaceChildren(face(bot.name, 'bot-colour'));
    $('empty-face').replaceChildren(face(bot.name, 'bot-colour', 'large'));
    $('bot-name').textContent = bot.name;
  });
  on('ready', () => {
    show();
    // What was there is not read out; what comes is.
    requestAnimationFrame(() => room.removeAttribute('aria-busy'));
  });
  on('people', speaks);
  on('select', show);
  on('chat', changed);
  on('acting', act);
  on('day', () => lists.forEach((_, id) => arrange(id)));
  $('down').addEventListener('click', () => toEnd(true));
  $('start').addEventListener('click', () => send(state.current, '/start'));
  $('speaks').addEventListener('click', () => {
    const { id, language } = person(state.current);
    post(`people/${id}/language`, { language: language === 'ru' ? 'en' : 'ru' }).catch(() => emit('failed', 'notSent'));
  });
  room.addEventListener('scroll', () => {
    atEnd = isNear();
    $('down').hidden = atEnd;
    if (atEnd) $('down').classList.remove('news');
  }, { passive: true });
  // A keyboard that comes up on a phone must not hide the end.
  new ResizeObserver(() => { if (atEnd) toEnd(); }).observe(room);
  onLanguage(() => {
    lists.forEach((_, id) => redraw(id));
    show();
  });
}
