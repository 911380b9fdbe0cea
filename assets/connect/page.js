'use strict';
// The page behind "Add to app". The link comes in the fragment, which browsers do not send, and never leaves the page.
// Data is put into the page as text and attributes only; the policy forbids anything else (trusted types).
(() => {
  // How apps take a subscription's address, and where each fact is from:
  // - Happ, Hiddify, Streisand: `urlScheme` of github.com/remnawave/subscription-page, frontend/public/assets/app-config.json
  //   (the address follows as it is); Hiddify also says so itself: github.com/hiddify/hiddify-app/wiki/URL-Scheme.
  // - v2RayTun: same repository, config/yung-link.subpage.json (c21fd3be): "v2raytun://import/{{SUBSCRIPTION_LINK}}".
  // - v2rayNG: github.com/2dust/v2rayNG, UrlSchemeActivity.kt: host "install-sub", parameter "url".
  const APPS = {
    happ: { name: 'Happ', take: (link) => 'happ://add/' + link },
    hiddify: { name: 'Hiddify', take: (link) => 'hiddify://import/' + link },
    streisand: { name: 'Streisand', take: (link) => 'streisand://import/' + link },
    v2raytun: { name: 'v2RayTun', take: (link) => 'v2raytun://import/' + link },
    v2rayng: { name: 'v2rayNG', take: (link) => 'v2rayng://install-sub?url=' + encodeURIComponent(link) },
  };

  // Where apps are had, the first app of a device being the one we advise. Imitations with harmful files are about, so only
  // the addresses that the panel's own subscription page names (see above) or the app's makers: Happ-proxy, hiddify, 2dust.
  // The Russian App Store has Happ as an app of its own ("Plus"; its number changed in 2026, id6746188973 before).
  const APP_STORE = 'https://apps.apple.com/us/app/';
  const PLAY = 'https://play.google.com/store/apps/details?id=';
  const HAPP_FILES = 'https://github.com/Happ-proxy/happ-desktop/releases/latest/download/';
  const HIDDIFY_FILES = 'https://github.com/hiddify/hiddify-app/releases/latest';
  const DEVICES = {
    ios: [
      ['happ', ['appStore', APP_STORE + 'happ-proxy-utility/id6504287215'],
        ['appStoreRussia', 'https://apps.apple.com/ru/app/happ-proxy-utility-plus/id6788279553']],
      ['v2raytun', ['appStore', APP_STORE + 'v2raytun/id6476628951']],
      ['streisand', ['appStore', APP_STORE + 'streisand/id6450534064']],
      ['hiddify', ['appStore', APP_STORE + 'hiddify-proxy-vpn/id6596777532']],
    ],
    android: [
      ['happ', ['play', PLAY + 'com.happproxy'],
        ['apk', 'https://github.com/Happ-proxy/happ-android/releases/latest/download/Happ.apk']],
      ['v2raytun', ['play', PLAY + 'com.v2raytun.android']],
      ['hiddify', ['play', PLAY + 'app.hiddify.com'], ['files', HIDDIFY_FILES]],
      ['v2rayng', ['play', PLAY + 'com.v2ray.ang'], ['files', 'https://github.com/2dust/v2rayNG/releases/latest']],
    ],
    windows: [
      ['happ', ['exe', HAPP_FILES + 'setup-Happ.x64.exe']],
      ['hiddify', ['files', HIDDIFY_FILES]],
    ],
    mac: [
      ['happ', ['appStore', APP_STORE + 'happ-proxy-utility/id6504287215'], ['dmg', HAPP_FILES + 'Happ.macOS.universal.dmg']],
      ['v2raytun', ['appStore', APP_STORE + 'v2raytun/id6476628951']],
      ['hiddify', ['files', HIDDIFY_FILES]],
    ],
    linux: [
      ['happ', ['deb', HAPP_FILES + 'Happ.linux.x64.deb'], ['rpm', HAPP_FILES + 'Happ.linux.x64.rpm']],
      ['hiddify', ['files', HIDDIFY_FILES]],
    ],
    tv: [['happ', ['play', PLAY + 'com.happproxy']]],
  };
  // A television has no such links: Happ shows a code ("Web Import") that is entered on this site.
  // www.happ.su/main/dev-docs/android-tv-api, www.happ.su/main/faq/apple-tv-tvos
  const TV_SITE = 'https://tv.happ.su';

  const TEXTS = {
    ru: {
      other: 'English', page: 'Подключить VPN',
      title: 'Подключите VPN', lead: 'Три шага, пара минут.',
      deviceTitle: 'Выберите устройство', deviceText: 'На нём будет работать VPN.',
      ios: 'iPhone, iPad', android: 'Android', windows: 'Windows', mac: 'Mac', linux: 'Linux', tv: 'ТВ',
      installTitle: 'Установите {app}', installText: 'Бесплатное приложение, через которое работает VPN. Уже есть? Сразу к шагу 3.',
      installTv: 'Бесплатное приложение. Установите его на сам телевизор (Android TV, Google TV).',
      appStore: 'Открыть App Store', appStoreRussia: 'Для российского App Store', play: 'Открыть Google Play', apk: 'Без Google Play: файл APK',
      files: 'Страница загрузки', exe: 'Скачать для Windows', dmg: 'Без App Store: файл DMG', deb: 'Скачать DEB (Ubuntu, Debian)', rpm: 'Скачать RPM (Fedora)',
      others: 'Другое приложение', advised: 'советуем',
      addTitle: 'Добавьте VPN в приложение', add: 'Добавить в {app}',
      after: '{app} откроется, и VPN появится в нём. Останется нажать в {app} большую кнопку включения.',
      stuck: '{app} не открылся? Сначала установите его (шаг 2), потом вернитесь сюда и нажмите ещё раз.',
      inTelegram: 'Вы внутри Telegram. Если кнопка не сработает, нажмите ⋮ вверху и выберите «Открыть в браузере».',
      tvCode: 'На телевизоре откройте Happ и выберите «Web Import»: появится код.',
      tvSend: 'Нажмите кнопку ниже: ссылка скопируется, и откроется сайт Happ. Введите там код и вставьте ссылку.',
      tvAdd: 'Скопировать и открыть tv.happ.su', tvAfter: 'VPN появится на телевизоре. Останется его включить.',
      copy: 'Скопировать ссылку', copied: 'Ссылка скопирована', notCopied: 'Не получилось скопировать. Ссылка выделена ниже: скопируйте её сами.',
      qrTitle: 'QR-код для другого устройства', qrText: 'Установите на нём приложение, нажмите в приложении «+» и отсканируйте код.',
      qrLabel: 'QR-код с вашей ссылкой', qrNone: 'Ссылка слишком длинная для QR-кода. Скопируйте её.',
      helpTitle: 'Не получилось?',
      helpInstall: 'Кнопка ничего не открывает: установите приложение (шаг 2), вернитесь сюда и нажмите её снова.',
      helpBrowser: 'Страница открыта внутри Telegram: в меню вверху выберите «Открыть в браузере» (Chrome, Safari).',
      helpPaste: 'Вручную: скопируйте ссылку, в приложении нажмите «+» и «Вставить из буфера обмена».',
      linkLabel: 'Ваша ссылка', secret: 'Ссылка только ваша: у кого она есть, тот пользуется вашим VPN. Эта страница никуда её не отправляет.',
      missingTitle: 'Откройте эту страницу из бота', missingText: 'Здесь нет вашей личной ссылки. Вернитесь в Telegram, откройте бота и нажмите «Добавить в приложение».',
      wrongTitle: 'Ссылка не подошла', wrongText: 'Она повреждена или скопирована не целиком. Вернитесь в Telegram, откройте бота и снова нажмите «Добавить в приложение».',
    },
    en: {
      other: 'Русский', page: 'Connect the VPN',
      title: 'Connect your VPN', lead: 'Three steps, a couple of minutes.',
      deviceTitle: 'Choose your device', deviceText: 'The VPN will work on it.',
      ios: 'iPhone, iPad', android: 'Android', windows: 'Windows', mac: 'Mac', linux: 'Linux', tv: 'TV',
      installTitle: 'Install {app}', installText: 'A free app that the VPN works through. Have it already? Go to step 3.',
      installTv: 'A free app. Install it on the TV itself (Android TV, Google TV).',
      appStore: 'Open the App Store', appStoreRussia: 'For the Russian App Store', play: 'Open Google Play', apk: 'Without Google Play: APK file',
      files: 'Download page', exe: 'Download for Windows', dmg: 'Without the App Store: DMG file', deb: 'Download DEB (Ubuntu, Debian)', rpm: 'Download RPM (Fedora)',
      others: 'Another app', advised: 'our advice',
      addTitle: 'Add the VPN to the app', add: 'Add to {app}',
      after: '{app} opens and has your VPN. Then tap the big power button in {app}.',
      stuck: '{app} did not open? Install it first (step 2), then come back and tap again.',
      inTelegram: 'You are inside Telegram. If the button does nothing, tap ⋮ at the top and choose “Open in browser”.',
      tvCode: 'On the TV, open Happ and choose “Web Import”: it shows a code.',
      tvSend: 'Tap the button below: the link is copied and Happ’s site opens. Enter the code there and paste the link.',
      tvAdd: 'Copy and open tv.happ.su', tvAfter: 'The VPN appears on the TV. Then just turn it on.',
      copy: 'Copy the link', copied: 'Link copied', notCopied: 'It could not be copied. The link is selected below: copy it yourself.',
      qrTitle: 'QR code for another device', qrText: 'Install the app there, tap “+” in the app and scan the code.',
      qrLabel: 'QR code with your link', qrNone: 'The link is too long for a QR code. Copy it instead.',
      helpTitle: 'Does it not work?',
      helpInstall: 'The button opens nothing: install the app (step 2), come back here and tap it again.',
      helpBrowser: 'The page is open inside Telegram: choose “Open in browser” (Chrome, Safari) in the menu at the top.',
      helpPaste: 'By hand: copy the link, tap “+” in the app, then “Paste from clipboard”.',
      linkLabel: 'Your link', secret: 'The link is yours alone: whoever has it uses your VPN. This page sends it nowhere.',
      missingTitle: 'Open this page from the bot', missingText: 'Your personal link is missing here. Go back to Telegram, open the bot and tap “Add to app”.',
      wrongTitle: 'This link does not work', wrongText: 'It is damaged or was not copied whole. Go back to Telegram, open the bot and tap “Add to app” again.',
    },
  };

  // More does not fit into a QR code of medium correction (2331 bytes), and no panel makes such links.
  const LONGEST_LINK = 2048;
  const QUIET_ZONE = 4;
  const COPIED_FOR = 2500;
  const STUCK_AFTER = 2500;

  const at = (id) => document.getElementById(id);
  const state = { link: null, broken: false, language: 'en', device: 'android', app: 'happ' };
  const text = (key, values = {}) =>
    Object.entries(values).reduce((line, [name, value]) => line.split('{' + name + '}').join(value), TEXTS[state.language][key]);

  /** The fragment: an encoded http(s) address, then perhaps `&lang=`. */
  function readFragment() {
    const [, address, language] = /^#?(.*?)(?:&lang=([A-Za-z-]*))?$/s.exec(location.hash);
    state.link = linkOf(address);
    state.broken = address !== '' && state.link === null;
    const wanted = [language, ...(navigator.languages || []), navigator.language].map((tag) => (tag || '').slice(0, 2).toLowerCase());
    state.language = wanted.find((tag) => tag in TEXTS) || 'en';
  }

  function linkOf(encoded) {
    try {
      const link = new URL(decodeURIComponent(encoded));
      const fits = (link.protocol === 'https:' || link.protocol === 'http:') && link.href.length <= LONGEST_LINK;
      return fits ? link.href : null;
    } catch {
      return null;
    }
  }

  function guessDevice() {
    const agent = navigator.userAgent;
    if (/Android TV|Google ?TV|BRAVIA|\bAFT[A-Z]|SMART-?TV|Tizen|Web0S|AppleTV/i.test(agent)) return 'tv';
    // An iPad calls itself a Mac, but no Mac can be touched.
    if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return 'ios';
    if (/Android|CrOS/.test(agent)) return 'android';
    if (/Windows/.test(agent)) return 'windows';
    if (/Macintosh|Mac OS X/.test(agent)) return 'mac';
    if (/Linux|X11/.test(agent)) return 'linux';
    return 'android';
  }

  /** Mini Apps' browsers name themselves so (core.telegram.org/bots/webapps); others cannot be told from the system's. */
  function isInTelegram() {
    return /Telegram/i.test(navigator.userAgent) || 'TelegramWebviewProxy' in window;
  }

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function fill(place, ...children) {
    place.textContent = '';
    place.append(...children);
  }

  function svg(name, attributes) {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function icon(name) {
    const picture = svg('svg', { class: 'icon', 'aria-hidden': 'true' });
    picture.append(svg('use', { href: '#i-' + name }));
    return picture;
  }

  function show() {
    document.documentElement.lang = state.language;
    document.title = text('page');
    for (const place of document.querySelectorAll('[data-text]')) place.textContent = text(place.dataset.text);
    at('language').textContent = text('other');
    at('language').lang = state.language === 'ru' ? 'en' : 'ru';
    at('problem').hidden = state.link !== null;
    at('guide').hidden = state.link === null;
    const trouble = state.broken ? 'wrong' : 'missing';
    at('problem-title').textContent = text(trouble + 'Title');
    at('problem-text').textContent = text(trouble + 'Text');
    if (state.link === null) return;
    showDevice();
    showApps();
    showApp();
    showCopy(false);
    showQr();
  }

  function showDevice() {
    for (const choice of document.querySelectorAll('[name=device]')) choice.checked = choice.value === state.device;
  }

  function showApps() {
    const apps = DEVICES[state.device];
    const choices = apps.map(([app], place) => {
      const choice = element('input', { type: 'radio', name: 'app', value: app });
      choice.checked = app === state.app;
      const name = element('b', {}, APPS[app].name);
      if (place === 0) name.append(element('small', {}, text('advised')));
      return element('label', { class: 'chip' }, choice, element('span', {}, name));
    });
    fill(at('apps'), ...choices);
    at('others').hidden = apps.length < 2;
  }

  function showApp() {
    const [, ...stores] = DEVICES[state.device].find(([app]) => app === state.app);
    const app = { app: APPS[state.app].name };
    const onTv = state.device === 'tv';
    at('install-title').textContent = text('installTitle', app);
    at('install-text').textContent = text(onTv ? 'installTv' : 'installText');
    fill(at('stores'), ...stores.map(([name, address], place) => {
      const link = element('a', { class: place === 0 ? 'button' : 'text-link', href: address, target: '_blank', rel: 'noopener noreferrer' });
      if (place === 0) link.append(icon('get'));
      link.append(element('span', {}, text(name)));
      return link;
    }));
    at('add').setAttribute('href', onTv ? TV_SITE : APPS[state.app].take(state.link));
    for (const [name, value] of [['target', '_blank'], ['rel', 'noopener noreferrer']]) {
      if (onTv) at('add').setAttribute(name, value);
      else at('add').removeAttribute(name);
    }
    at('add-text').textContent = text(onTv ? 'tvAdd' : 'add', app);
    at('after').textContent = text(onTv ? 'tvAfter' : 'after', app);
    at('tv-steps').hidden = !onTv;
    at('in-telegram').hidden = onTv || !isInTelegram();
    at('stuck').textContent = '';
    at('link').value = state.link;
  }

  function showQr() {
    const code = qrcode(0, 'M');
    code.addData(state.link, 'Byte');
    try {
      code.make();
    } catch {
      fill(at('qr-code'), element('p', { class: 'note' }, text('qrNone')));
      return;
    }
    const side = code.getModuleCount();
    const whole = side + 2 * QUIET_ZONE;
    const dark = [];
    for (let row = 0; row < side; row += 1) {
      for (let column = 0; column < side; column += 1) {
        if (code.isDark(row, column)) dark.push('M' + (column + QUIET_ZONE) + ' ' + (row + QUIET_ZONE) + 'h1v1h-1z');
      }
    }
    const picture = svg('svg', { viewBox: '0 0 ' + whole + ' ' + whole, role: 'img', 'shape-rendering': 'crispEdges' });
    picture.setAttribute('aria-label', text('qrLabel'));
    picture.append(svg('rect', { width: whole, height: whole, fill: '#fff' }), svg('path', { d: dark.join(''), fill: '#000' }));
    fill(at('qr-code'), picture);
  }

  let copiedTimer;
  function showCopy(copied) {
    clearTimeout(copiedTimer);
    at('copy').classList.toggle('done', copied);
    at('copy-icon').setAttribute('href', copied ? '#i-done' : '#i-copy');
    at('copy-text').textContent = text(copied ? 'copied' : 'copy');
    if (copied) copiedTimer = setTimeout(() => showCopy(false), COPIED_FOR);
  }

  /** Where the page came by plain http or the browser forbids the clipboard. */
  function copyOldWay() {
    const before = document.activeElement;
    const field = element('textarea', { class: 'unseen', readonly: '', 'aria-hidden': 'true' });
    field.value = state.link;
    document.body.append(field);
    field.select();
    const copied = document.execCommand('copy');
    field.remove();
    if (before) before.focus();
    return copied;
  }

  async function copy() {
    let copied = false;
    try {
      await navigator.clipboard.writeText(state.link);
      copied = true;
    } catch {
      copied = copyOldWay();
    }
    // Said anew also when it says the same.
    at('said').textContent = '';
    requestAnimationFrame(() => { at('said').textContent = text(copied ? 'copied' : 'notCopied'); });
    showCopy(copied);
    if (copied) return;
    at('stuck').textContent = text('notCopied');
    at('help').open = true;
    at('link').focus();
    at('link').select();
  }

  let stuckTimer;
  /** An app that opens, or the browser's question whether it may, hides the page or takes the focus. */
  function opened() {
    clearTimeout(stuckTimer);
  }

  function added() {
    if (state.device === 'tv') {
      copy();
      return;
    }
    clearTimeout(stuckTimer);
    stuckTimer = setTimeout(() => { at('stuck').textContent = text('stuck', { app: APPS[state.app].name }); }, STUCK_AFTER);
  }

  function chooseLanguage() {
    state.language = state.language === 'ru' ? 'en' : 'ru';
    // Stays when the page is loaded again or opened in another browser.
    if (state.link !== null) history.replaceState(null, '', '#' + encodeURIComponent(state.link) + '&lang=' + state.language);
    show();
  }

  function chooseDevice(device) {
    state.device = device;
    state.app = DEVICES[device][0][0];
    showDevice();
    showApps();
    showApp();
  }

  readFragment();
  state.device = guessDevice();
  // At a computer the code is what one came for: the phone lies beside it.
  at('qr').open = matchMedia('(min-width: 56rem)').matches;
  at('language').addEventListener('click', chooseLanguage);
  at('copy').addEventListener('click', copy);
  at('add').addEventListener('click', added);
  at('link').addEventListener('focus', () => at('link').select());
  at('devices').addEventListener('change', (event) => chooseDevice(event.target.value));
  at('apps').addEventListener('change', (event) => {
    state.app = event.target.value;
    showApp();
  });
  addEventListener('blur', opened);
  document.addEventListener('visibilitychange', opened);
  addEventListener('hashchange', () => {
    readFragment();
    show();
  });
  show();
})();
