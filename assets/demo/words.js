// The page's own words. What the bot says comes from the bot.

const WORDS = {
  en: {
    title: 'RemnaWave Orchestrator, demo', demo: 'demo', other: 'Русский', otherShort: 'RU', otherCode: 'ru',
    skip: 'Skip to the message field', api: 'API', apiTitle: 'The REST API, to try out (opens another page)',
    clock: 'The time in the demo', away: 'No connection to the demo. Trying again…',
    chats: 'Chats', people: 'Who you are', messages: 'Messages', unread: '{n} unread',
    owner: 'owner', operator: 'operator', user: 'client', stranger: 'stranger',
    bot: 'bot', typing: 'typing…', upload_photo: 'sending a photo…', upload_document: 'sending a file…',
    speaks: '{name}’s Telegram', speaksTitle: 'Language of {name}’s Telegram: {language}. Tap to change',
    ru: 'Русский', en: 'English',
    empty: '{name} has not written to the bot yet.', start: 'Start',
    today: 'Today', yesterday: 'Yesterday', edited: 'edited', silent: 'without a sound', you: 'You', fromBot: 'Bot',
    picture: 'Picture: enlarge', qr: 'Picture', download: 'Save {name}, {size}', down: 'To the newest message',
    copied: 'Copied', notCopied: 'It could not be copied', copyCode: 'Copy',
    opens: 'opens another page', copies: 'copies', spoiler: 'Hidden text: show',
    commands: 'Commands', placeholder: 'Message', send: 'Send', noCommands: 'No such command',
    noAnswer: 'The bot has not answered this tap', notSent: 'Not sent: the demo does not answer',
    close: 'Close', ok: 'OK', openAs: 'Open this invite as', openAsText: 'This is how a forwarded link works: whoever opens it first gets the access.',
    elsewhere: 'Links of the simulated Telegram open nothing outside the demo',
    tryThis: 'Try this', tryDone: 'Seen it all. Now cause some trouble.', hide: 'Hide the list', show: 'Show the list',
    stepNew: 'Create a client', stepInvite: 'Invite its owner', stepAccept: 'Open the invite as Anna', stepScan: 'Look at the QR code',
    stepBlock: 'Block the client: Anna is told', doneStep: 'done', openLink: 'open the link', look: 'enlarge',
    trouble: 'Cause trouble', panelDown: 'Panel down', flood: 'Telegram 429', days: '3 days pass',
    seconds: '{n} s', passing: 'passing…',
    panelDownOn: 'The panel is down. Create or block somebody as Olga: the bot says so, and nothing is left half done.',
    panelDownOff: 'The panel is back, with all it knew.',
    floodOn: 'Telegram takes no messages now (429). Write something: the answer comes late, and once.',
    floodOff: 'Telegram takes messages again.',
    daysOn: 'Three days go by. Watch the panel’s dates, and who is told what.',
    daysOff: 'Three days have passed. See the panel, the log and who was told.',
    daysAgain: 'No client’s date came. Once more, with one for three days:',
    panel: 'Panel', panelUp: 'up, version {version}', panelIsDown: 'down', noUsers: 'No users yet', until: 'until {date}',
    more: 'and {n} more', link: 'link …{end}', ACTIVE: 'active', DISABLED: 'disabled', LIMITED: 'out of traffic', EXPIRED: 'expired',
    log: 'Log', noLog: 'Nothing has been done yet', byToken: 'API ({name})', byJob: 'the service', byPanel: 'the panel', anyone: 'anyone',
    create: 'created', delete: 'deleted', extend: 'extended', block: 'blocked', unblock: 'unblocked', get_config: 'got the configuration of',
    rotate_config: 'replaced the link of', auto_deactivate: 'ended the access of', dateCame: 'its date has come',
    notCreate: 'could not create', notDelete: 'could not delete', notExtend: 'could not extend', notBlock: 'could not block',
    notUnblock: 'could not unblock', notGetConfig: 'could not get the configuration of', notRotateConfig: 'could not replace the link of',
    notAutoDeactivate: 'could not end the access of', success: 'done', fail: 'failed', forDays: 'for {n} days',
    viewChat: 'Chat', viewGuide: 'Try', viewPanel: 'Panel', viewLog: 'Log', views: 'Parts of the page',
    noscript: 'This page needs JavaScript.',
  },
  ru: {
    title: 'RemnaWave Orchestrator, демо', demo: 'демо', other: 'English', otherShort: 'EN', otherCode: 'en',
    skip: 'К полю сообщения', api: 'API', apiTitle: 'REST API, можно попробовать (откроется другая страница)',
    clock: 'Время в демо', away: 'Нет связи с демо. Пробуем снова…',
    chats: 'Чаты', people: 'Кто вы', messages: 'Сообщения', unread: 'Непрочитанных: {n}',
    owner: 'владелец', operator: 'оператор', user: 'клиент', stranger: 'посторонний',
    bot: 'бот', typing: 'печатает…', upload_photo: 'отправляет фото…', upload_document: 'отправляет файл…',
    speaks: 'Telegram: {name}', speaksTitle: 'Язык Telegram, {name}: {language}. Нажмите, чтобы сменить',
    ru: 'Русский', en: 'English',
    empty: '{name}: боту пока ничего не написано.', start: 'Запустить',
    today: 'Сегодня', yesterday: 'Вчера', edited: 'изменено', silent: 'без звука', you: 'Вы', fromBot: 'Бот',
    picture: 'Картинка: увеличить', qr: 'Картинка', download: 'Сохранить {name}, {size}', down: 'К последнему сообщению',
    copied: 'Скопировано', notCopied: 'Не получилось скопировать', copyCode: 'Скопировать',
    opens: 'откроется другая страница', copies: 'копирует', spoiler: 'Скрытый текст: показать',
    commands: 'Команды', placeholder: 'Сообщение', send: 'Отправить', noCommands: 'Такой команды нет',
    noAnswer: 'Бот не ответил на это нажатие', notSent: 'Не отправлено: демо не отвечает',
    close: 'Закрыть', ok: 'Понятно', openAs: 'Открыть приглашение. Кто вы?', openAsText: 'Так работает пересланная ссылка: кто откроет её первым, тот и получит доступ.',
    elsewhere: 'Ссылки ненастоящего Telegram за пределами демо ничего не открывают',
    tryThis: 'Попробуйте', tryDone: 'Всё получилось. Теперь устройте неприятности.', hide: 'Скрыть список', show: 'Показать список',
    stepNew: 'Создайте клиента', stepInvite: 'Пригласите человека', stepAccept: 'Откройте приглашение как Anna', stepScan: 'Посмотрите на QR-код',
    stepBlock: 'Заблокируйте: Anna узнает', doneStep: 'готово', openLink: 'открыть ссылку', look: 'увеличить',
    trouble: 'Устройте неприятности', panelDown: 'Панель упала', flood: 'Telegram 429', days: 'Прошло 3 дня',
    seconds: '{n} с', passing: 'идут…',
    panelDownOn: 'Панель не отвечает. Создайте или заблокируйте кого-нибудь: бот так и скажет, и ничего не останется наполовину.',
    panelDownOff: 'Панель снова работает и всё помнит.',
    floodOn: 'Telegram не принимает сообщений (429). Напишите что-нибудь: ответ придёт позже и один раз.',
    floodOff: 'Telegram снова принимает сообщения.',
    daysOn: 'Проходят три дня. Смотрите на даты в панели и на то, кому что придёт.',
    daysOff: 'Прошло три дня. Посмотрите панель, журнал и сообщения.',
    daysAgain: 'Срок ни у одного клиента не вышел. Ещё раз, с клиентом на три дня:',
    panel: 'Панель', panelUp: 'работает, версия {version}', panelIsDown: 'не отвечает', noUsers: 'Пользователей пока нет', until: 'до {date}',
    more: 'и ещё {n}', link: 'ссылка …{end}', ACTIVE: 'активен', DISABLED: 'отключён', LIMITED: 'нет трафика', EXPIRED: 'истёк',
    log: 'Журнал', noLog: 'Пока ничего не сделано', byToken: 'API ({name})', byJob: 'сам сервис', byPanel: 'панель', anyone: 'кто угодно',
    create: 'создаёт', delete: 'удаляет', extend: 'продлевает', block: 'блокирует', unblock: 'разблокирует', get_config: 'получает настройку',
    rotate_config: 'меняет ссылку', auto_deactivate: 'закрывает доступ', dateCame: 'срок вышел',
    notCreate: 'не может создать', notDelete: 'не может удалить', notExtend: 'не может продлить', notBlock: 'не может заблокировать',
    notUnblock: 'не может разблокировать', notGetConfig: 'не может получить настройку', notRotateConfig: 'не может заменить ссылку',
    notAutoDeactivate: 'не может закрыть доступ', success: 'сделано', fail: 'не вышло', forDays: 'на {n} дн.',
    viewChat: 'Чат', viewGuide: 'Что делать', viewPanel: 'Панель', viewLog: 'Журнал', views: 'Части страницы',
    noscript: 'Этой странице нужен JavaScript.',
  },
};

const KEY = 'demo:language';
const listeners = [];
let language = stored() ?? (navigator.language.toLowerCase().startsWith('ru') ? 'ru' : 'en');

function stored() {
  try {
    const found = localStorage.getItem(KEY);
    return found in WORDS ? found : null;
  } catch {
    return null;
  }
}

export const spoken = () => language;

/** A text of the page; `{name}` stands for what is given under that name. */
export function say(key, values = {}) {
  return WORDS[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Whether there is such a text. */
export const knows = (key) => Object.hasOwn(WORDS[language], key);

/** Runs with every change of the language. */
export const onLanguage = (act) => listeners.push(act);

export function speak(other) {
  language = other;
  try { localStorage.setItem(KEY, other); } catch { /* Then the next page asks the browser again. */ }
  write();
  listeners.forEach((act) => act());
}

/** Writes every text that stands in index.html. */
export function write() {
  document.documentElement.lang = language;
  document.title = say('title');
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = say(element.dataset.text);
  for (const element of document.querySelectorAll('[data-label]')) element.setAttribute('aria-label', say(element.dataset.label));
  for (const element of document.querySelectorAll('[data-hint]')) element.title = say(element.dataset.hint);
  for (const element of document.querySelectorAll('[data-empty]')) element.placeholder = say(element.dataset.empty);
}

const formats = new Map();

function format(kind, options) {
  const key = `${language} ${kind.name} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new kind(language === 'ru' ? 'ru-RU' : 'en-GB', options));
  return formats.get(key);
}

export const time = (date) => format(Intl.DateTimeFormat, { hour: '2-digit', minute: '2-digit' }).format(date);
export const day = (date) => format(Intl.DateTimeFormat, { day: 'numeric', month: 'long' }).format(date);
export const weekday = (date) => format(Intl.DateTimeFormat, { weekday: 'long' }).format(date);
export const shortDate = (date) =>
  format(Intl.DateTimeFormat, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(date);

/** "in 3 days", "2 hours ago". */
export function relative(date, now) {
  const seconds = (date - now) / 1000;
  const units = [['day', 86400], ['hour', 3600], ['minute', 60]];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) > length * 0.99) ?? units[2];
  const count = Math.round(seconds / size);
  return format(Intl.RelativeTimeFormat, { numeric: count === 0 ? 'auto' : 'always' }).format(count, unit);
}

export function size(bytes) {
  const number = (value, unit) => `${format(Intl.NumberFormat, { maximumFractionDigits: 1 }).format(value)} ${unit}`;
  const [b, kb] = language === 'ru' ? ['Б', 'КБ'] : ['B', 'KB'];
  return bytes < 1024 ? number(bytes, b) : number(bytes / 1024, kb);
}
