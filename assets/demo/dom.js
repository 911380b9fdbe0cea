// Small helpers around the DOM. What people and the bot write becomes text nodes and attributes, never markup: the page's
// policy forbids anything else.

const SVG = 'http://www.w3.org/2000/svg';

export const $ = (id) => document.getElementById(id);

/** An element with a class, children (strings become text; nothing is left out) and attributes. */
export function el(tag, name, children = [], attributes = {}) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...[children].flat().filter((child) => child !== null && child !== undefined && child !== false));
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  return element;
}

/** A button that does something and is no part of a form. */
export function button(name, children, act, attributes = {}) {
  const element = el('button', name, children, { type: 'button', ...attributes });
  if (act) element.addEventListener('click', (event) => act(event, element));
  return element;
}

/** One of the pictures in index.html. */
export function icon(name, extra = '') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', `icon ${extra}`);
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** The round face of somebody: a letter on their colour. */
export function face(name, colour, extra = '') {
  return el('span', `face ${colour} ${extra}`, name.slice(0, 1), { 'aria-hidden': 'true' });
}

/** Puts text into the clipboard, also where the page came by plain http under a name. */
export async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { /* Not permitted: the old way may be. */ }
  }
  const field = el('textarea', 'unseen', [], { readonly: true, 'aria-hidden': 'true', tabindex: '-1' });
  field.value = text;
  const focused = document.activeElement;
  // Inside an open dialog nothing outside of it can be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  focused?.focus({ preventScroll: true });
  return copied;
}

/** Sends something to the demo; the answer, or an error when there was none or it was no success. */
export async function post(path, body) {
  const answer = await fetch(`/demo/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.status === 200 ? answer.json() : null;
}

/** Keeps small things over a reload, where the browser lets us. */
export const kept = {
  get(key) {
    try { return sessionStorage.getItem(`demo:${key}`); } catch { return null; }
  },
  set(key, value) {
    try { sessionStorage.setItem(`demo:${key}`, value); } catch { /* Then a reload forgets it. */ }
  },
};
