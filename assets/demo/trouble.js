// Trouble on purpose, and where to look then.

import { $, button, el, post } from './dom.js';
import { OWNER, emit, nameOf, now, on, select, send, state } from './state.js';
import { onLanguage, say } from './words.js';

const DAYS = 3 * 86_400_000;

let hint = null;
let before = null;
let countdown = null;
/** Whether somebody's date came while days passed. */
let ended = true;

const flooded = () => Math.max(0, Math.ceil((Date.parse(state.trouble.flooded_until ?? 0) - now()) / 1000));

function draw() {
  const { panel_down: down, passing } = state.trouble;
  const left = flooded();
  press('panel-down', down);
  press('flood', left > 0);
  press('days', passing);
  $('days').disabled = passing;
  $('flood-left').textContent = left > 0 ? say('seconds', { n: left }) : '';
  $('days-left').textContent = passing ? say('passing') : '';
  clearTimeout(countdown);
  if (left > 0) countdown = setTimeout(draw, 1000);
}

const press = (id, on) => $(id).setAttribute('aria-pressed', String(on));

/** One line of what to look at; after days that nobody felt, with a client who will. */
function tell(key) {
  hint = key;
  $('hint').replaceChildren(...(key ? [say(key)] : []));
  if (key !== 'daysOff' || ended) return;
  const text = `/new bob_${state.panel.users.length} 3`;
  const run = button('run', [el('span', '', `${nameOf(OWNER)}: `), el('code', '', text)], () => {
    emit('view', 'chat');
    select(OWNER);
    send(OWNER, text);
  });
  $('hint').append(' ', say('daysAgain'), ' ', run);
}

/** Whether anybody that we gave access would notice three more days. */
function somebodyEnds() {
  const ours = new Set(state.log.filter(({ action, done }) => action === 'create' && done).map(({ client }) => client));
  return state.panel.users.some(({ username, expires_at: end }) => {
    const left = Date.parse(end) - now();
    return ours.has(username) && left > 0 && left <= DAYS;
  });
}

function changed() {
  const is = { down: state.trouble.panel_down, flood: flooded() > 0, passing: state.trouble.passing };
  if (before === null) {
    if (is.passing) tell('daysOn');
    else if (is.flood) tell('floodOn');
    else if (is.down) tell('panelDownOn');
  } else {
    for (const [name, key] of [['down', 'panelDown'], ['flood', 'flood'], ['passing', 'days']]) {
      if (is[name] !== before[name]) tell(key + (is[name] ? 'On' : 'Off'));
    }
  }
  if (is.passing && !before?.passing) ended = somebodyEnds();
  before = is;
  draw();
}

function act(id, path, body) {
  $(id).addEventListener('click', () => post(`trouble/${path}`, body?.()).catch(() => emit('failed', 'notSent')));
}

export function start() {
  act('panel-down', 'panel', () => ({ on: !state.trouble.panel_down }));
  act('flood', 'telegram', () => ({ on: flooded() === 0 }));
  act('days', 'days');
  on('hello', () => { before = null; });
  on('trouble', changed);
  onLanguage(() => {
    draw();
    tell(hint);
  });
}
