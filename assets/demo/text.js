// Text with its entities, as Telegram marks it: ranges in UTF-16 units, which is what JavaScript's strings count too.

import { button, copy, el } from './dom.js';
import { emit, inviteOf, send, state } from './state.js';
import { say } from './words.js';

/** The text of a message as nodes. */
export function formatted(text, entities, chat) {
  const fragment = document.createDocumentFragment();
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  fill(fragment, { text, chat }, 0, text.length, sorted);
  return fragment;
}

/** Entities inside of others come after them: each takes those that begin before its end. */
function fill(parent, whole, from, to, entities) {
  let at = from;
  for (let next = 0; next < entities.length;) {
    const entity = entities[next];
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    next += 1;
    if (start >= end) continue;
    const inner = [];
    while (next < entities.length && entities[next].offset < end) inner.push(entities[next++]);
    if (at < start) parent.append(whole.text.slice(at, start));
    const element = marked(entity, whole.text.slice(start, end), whole.chat);
    fill(element.querySelector('.inside') ?? element, whole, start, end, inner);
    parent.append(element);
    at = end;
  }
  if (at < to) parent.append(whole.text.slice(at, to));
}

const TAGS = { bold: 'b', italic: 'i', underline: 'u', strikethrough: 's', blockquote: 'blockquote', expandable_blockquote: 'blockquote' };

function marked(entity, text, chat) {
  switch (entity.type) {
    case 'code': return copyable(el('code'), text);
    case 'pre': return copyable(el('pre', '', [], { 'data-language': entity.language }), text);
    case 'text_link': return link(entity.url);
    case 'url': return link(/^[a-z]+:/i.test(text) ? text : `https://${text}`);
    case 'bot_command': return button('inline', [], () => send(chat, text));
    case 'spoiler': return spoiler();
    case 'mention': case 'hashtag': case 'cashtag': case 'email': case 'phone_number': case 'text_mention':
      return el('span', 'named');
    default: return el(TAGS[entity.type] ?? 'span');
  }
}

/** In Telegram a tap copies what is written in code. */
function copyable(element, text) {
  // A link or a key is no word that a line could end before.
  if (/^\S{30,}$/.test(text)) element.classList.add('long');
  const act = async () => emit('said', say((await copy(text)) ? 'copied' : 'notCopied'));
  element.addEventListener('click', () => { if (String(getSelection()) === '') act(); });
  element.addEventListener('keydown', (event) => { if (event.key === 'Enter') act(); });
  element.tabIndex = 0;
  element.title = say('copyCode');
  return element;
}

function spoiler() {
  const shown = () => {
    element.classList.remove('spoiler');
    ['role', 'tabindex', 'aria-label'].forEach((name) => element.removeAttribute(name));
  };
  const element = el('span', 'spoiler', [], { role: 'button', tabindex: '0', 'aria-label': say('spoiler') });
  element.addEventListener('click', shown);
  element.addEventListener('keydown', (event) => { if (event.key === 'Enter' || event.key === ' ') shown(); });
  return element;
}

/** Where a link of a message leads: an invite to whom it may concern, our own pages to this demo, the rest outside. */
export function link(address, name = '') {
  const token = inviteOf(address);
  if (token) {
    return button(name || 'inline', [], () => emit('invite', token), { 'data-invite': token });
  }
  const own = state.hello?.public_url;
  const target = own && address.startsWith(`${own}/`) ? location.origin + address.slice(own.length) : address;
  // Telegram opens nothing else, and a browser must not run what somebody wrote.
  if (!/^https?:\/\//i.test(target)) return button(name || 'inline', [], () => emit('said', say('elsewhere')));
  return el('a', name, [], { href: target, target: '_blank', rel: 'noopener noreferrer' });
}
