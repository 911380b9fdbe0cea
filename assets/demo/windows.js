// What comes up over the page: a picture, an alert, the choice of who opens an invite, and short words of what was done.

import { $, button, el, face } from './dom.js';
import { COLOURS } from './people.js';
import { on, select, send, state } from './state.js';
import { say } from './words.js';

/** For so long a short word stays. */
const SHOWN = 3_500;

function said(text) {
  const toast = el('p', 'toast', text);
  const toasts = $('toasts');
  toasts.append(toast);
  while (toasts.children.length > 3) toasts.firstChild.remove();
  setTimeout(() => toast.remove(), SHOWN);
}

function alerted(text) {
  $('alert-text').textContent = text;
  $('alert').showModal();
}

function enlarge({ src }) {
  $('viewer-image').src = src;
  $('viewer').showModal();
}

/** Somebody forwards the invite: who opens it? */
function invited(token) {
  const rows = state.people.map(({ id, name, part }) => {
    const words = el('span', 'who', [el('b', '', name), el('small', '', say(part))]);
    return button('person', [face(name, COLOURS.get(id)), words], () => {
      $('open-as').close();
      open(id, token);
    }, { 'data-person': id });
  });
  $('open-as-people').replaceChildren(...rows);
  $('open-as').showModal();
  // The one it is for, most of the time.
  $('open-as-people').querySelector('[data-person="2002"]')?.focus();
}

/** Opens an invite as the app would. */
export function open(id, token) {
  select(id);
  send(id, `/start ${token}`);
}

export function start() {
  on('said', said);
  on('failed', (key) => said(say(key)));
  on('alert', alerted);
  on('enlarge', enlarge);
  on('invite', invited);
  for (const dialog of document.querySelectorAll('dialog')) {
    dialog.querySelectorAll('[data-close]').forEach((closing) => closing.addEventListener('click', () => dialog.close()));
    // A tap beside it closes it too.
    dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  }
}
