# Для тех, кто ведёт VPN: главная, список, карточка, приглашения.

home-title = 🏠 <b>Управление VPN</b>
home-clients = 👥 <b>Клиентов:</b> { $total }
home-active = ✅ Активны: { $count }
home-blocked = 🚫 Заблокированы: { $count }
home-expired = ⌛ Истекли: { $count }
home-expiring = ⏳ Скоро истекут: { $count }
home-all = 📋 Все клиенты: { $count }

panel-ok = 🟢 <b>Панель:</b> работает, версия { $version }
panel-waiting = ⚪ <b>Панель:</b> ещё не отвечала, подождите минуту
panel-no-address = 🔴 <b>Панель:</b> не указан адрес. Задайте <code>REMNAWAVE_BASE_URL</code> и перезапустите сервис.
panel-no-token = 🔴 <b>Панель:</b> нет токена. Создайте токен в панели, задайте <code>REMNAWAVE_API_TOKEN</code> и перезапустите сервис.
panel-token-refused = 🔴 <b>Панель:</b> не принимает токен. Создайте в панели новый, задайте <code>REMNAWAVE_API_TOKEN</code> и перезапустите сервис.
panel-scope = 🔴 <b>Панель:</b> у токена не хватает прав. Создайте токен со всеми правами.
panel-unreachable = 🔴 <b>Панель:</b> не отвечает. Проверьте, что она запущена и что адрес верный; я продолжаю пробовать.
panel-nonsense = 🔴 <b>Панель:</b> по этому адресу отвечает не панель. Проверьте <code>REMNAWAVE_BASE_URL</code>.
panel-no-squad = 🔴 <b>Панель:</b> нет группы для новых клиентов. Создайте внутреннюю группу в панели или задайте <code>REMNAWAVE_INTERNAL_SQUADS</code>.
panel-untested = 🟡 <b>Панель:</b> работает, но версия { $version } ещё не проверена

list-title-card = 📋 <b>Клиенты</b>
list-title-config = 📲 <b>Чью настройку прислать?</b>
list-title-invite = ✉️ <b>Кого пригласить?</b>
list-title-log = 📜 <b>Чей журнал показать?</b>
list-filter = 🔎 <b>Показаны:</b> { $filter }
list-total = 👥 <b>Всего:</b> { $total }
list-page = 📄 <b>Страница:</b> { $page } из { $pages }
list-empty = Здесь пока никого нет.
filter-all = все
filter-active = активные
filter-blocked = заблокированные
filter-expired = с истёкшим сроком
filter-valid = с действующим сроком
filter-soon = истекают за 3 дня
filter-two = { $status }, { $expiry }
filter-button-all = Все

card-state = 📌 <b>Состояние:</b> { $state }
card-expires = 📅 <b>Действует до:</b> { $date }, { $relative }
card-expired = 📅 <b>Действовал до:</b> { $date }, { $relative }
card-traffic = 📊 <b>Трафик:</b> { $used } из { $limit }
card-traffic-unlimited = 📊 <b>Трафик:</b> { $used }, без ограничения
card-online = 📶 <b>Был в сети:</b> { $relative }
card-never-online = 📶 <b>Был в сети:</b> ещё ни разу
card-panel-silent = 📡 <b>Панель:</b> не отвечает, трафик сейчас не узнать
card-telegram = 👤 <b>Telegram:</b> { $name }
card-must-start = ⚠️ Не нажал «Старт» в новом боте: бот не может ему написать.
card-no-telegram = 👤 <b>Telegram:</b> не привязан
card-created = 🆕 <b>Создан:</b> { $date }
card-link = 🔗 <b>Ссылка:</b> <code>{ $url }</code>

log-title = 📜 <b>Журнал</b>
log-total = 🧾 <b>Записей:</b> { $total }
log-empty = Ничего такого ещё не было.
log-row = { $emoji } <b>{ $client }</b> — { $what }
log-row-by = { $date } · { $who } · { $source }
log-row-error = ⚠️ { $error }
log-unknown-person = 🤷 Никто с именем @{ $name } мне не писал. Попробуйте числовой Telegram ID.
action-create = создание
action-delete = удаление
action-extend = продление
action-block = блокировка
action-unblock = разблокировка
action-get-config = выдача настройки
action-rotate-config = замена ссылки
action-auto-deactivate = отключение по сроку
source-bot = бот
source-api = API
source-job = сам сервис
source-panel = панель

invite-title = ✉️ <b>Приглашение для { $username }</b>
invite-until = 📅 <b>Действует до:</b> { $date }, { $relative }
invite-forward-hint = Ссылка одноразовая. Перешлите клиенту сообщение, которое ниже 👇
invite-forward = 🔑 Ваш доступ к VPN готов.

    Откройте ссылку и нажмите «Запустить», бот пришлёт настройку:
    { $link }
invite-accepted = 🤝 Приглашение для <b>{ $username }</b> принято: { $name }

help-staff = 👋 Я помогаю вести VPN. Что можно написать:
help-line-home = /menu — главная: как дела у панели и клиентов
help-line-new = /new — новый клиент; сразу всё: <code>/new alice 30</code>
help-line-clients = /clients — список; можно уточнить: <code>/clients active</code>, <code>blocked</code>, <code>expired</code>, <code>valid</code>
help-line-client = /client — карточка: <code>/client alice</code>
help-line-config = /config — настройка клиента: <code>/config alice</code>
help-line-invite = /invite — приглашение для клиента: <code>/invite alice</code>
help-line-log = /log — что сделано, кем и откуда; можно уточнить: <code>/log alice @olga extend</code>
help-line-ops = /ops — журнал клиента: <code>/ops alice</code>
help-line-cancel = /cancel — отменить начатое
help-line-status = /status — ваш собственный VPN, если он есть
help-line-lang = /lang — язык, /help — эта подсказка
usage-new = 🤔 Здесь слишком много слов. Напишите имя и число дней, например: <code>/new alice 30</code>
usage-clients = 🤔 Так отфильтровать не получится. Попробуйте: <code>/clients active</code>, <code>/clients blocked</code>, <code>/clients expired</code> или <code>/clients active valid</code>
usage-one-client = 🤔 Назовите одного клиента: имя пишется без пробелов, например <code>/client alice</code>
usage-log = 🤔 Так отфильтровать не получится. Можно назвать одного клиента, одного человека и одно действие, например <code>/log alice @olga extend</code> или <code>/log token:shop</code>

owner-welcome = 👑 Теперь вы владелец: вам можно всё. Ссылка больше не сработает.

