# Поиск, импорт, рассылка, статистика.

find-button = 🔍 Найти
find-ask = 🔍 Кого ищем? Напишите часть имени или заметки, Telegram ID, @имя или UUID клиента.
find-ask-links = 🔍 Кого ищем? Напишите часть имени или заметки, Telegram ID, @имя, UUID клиента или пришлите его ссылку.
find-nobody = 🤷 По запросу «{ $text }» никого нет.

    Попробуйте часть имени или слово из заметки: большие и маленькие буквы не важны.
find-again = 🔍 Искать ещё
find-all = 📋 Все клиенты
list-search = 🔍 <b>Поиск:</b> «{ $text }»
list-order = ↕️ <b>Порядок:</b> { $order }
list-order-newest = сначала новые
list-order-expiry = сначала те, у кого срок закончится раньше
list-button-expiry = ↕️ По сроку
list-button-newest = ↕️ Сначала новые
list-button-all = ✖️ Без поиска
list-found-none = С таким фильтром никто не найден. Выберите другой фильтр или уберите поиск.

bulk-stop = ⏹ Остановить

import-title = 📥 <b>Импорт из панели</b>
import-total = 👥 <b>В панели:</b> { $count }
import-clients = 📋 <b>Уже клиенты:</b> { $count }
import-fresh = 🆕 <b>Станут клиентами:</b> { $count }
import-kinds = ✅ { $active } · 🚫 { $blocked } · ⌛ { $expired }
import-taken = ⚠️ <b>Имя уже у другого клиента:</b> { $count }
import-unfit = ⚠️ <b>Имя или ссылка слишком длинные:</b> { $count }
import-left-out = Пропускаю: { $names }
import-how = Имена, сроки и ссылки останутся как есть. В панели ничего не изменится.
import-nothing = Импортировать некого.
import-yes = ✅ Импортировать: { $count }
import-no = ✖️ Нет
import-running = ⏳ <b>Импортирую…</b>
import-seen = 👀 <b>Просмотрено:</b> { $seen } из { $total }
import-again = 🔁 Смотрю ещё раз: вдруг за это время кто-то появился
import-adopted = 🆕 <b>Стали клиентами:</b> { $count }
import-adopted-kinds = Из них: 🚫 { $blocked } · ⌛ { $expired } · 👤 с Telegram { $linked }
import-trouble = ⚠️ Панель не отвечает, я продолжаю пробовать.
import-done = ✅ <b>Импорт закончен</b>
import-stopped = ⏹ <b>Импорт остановлен</b>
import-failed = ⚠️ <b>Импорт прерван</b>
import-go-on = Кто уже стал клиентом, тот им и останется. Продолжить: /import

broadcast-ask = { $people ->
    [one] 📣 Что разослать? Сообщение получит { $people } человек.
    [few] 📣 Что разослать? Сообщение получат { $people } человека.
   *[many] 📣 Что разослать? Сообщение получат { $people } человек.
}

    Напишите текст; перед отправкой я покажу, как он выглядит.
broadcast-not-text = Здесь нужен текст: картинки и файлы я не рассылаю.
broadcast-too-long = Не подходит: знаков в тексте — { $length }, а можно от 1 до { $most }. Пришлите другой.
broadcast-nobody = 🤷 Разослать некому: никто из клиентов ещё не привязал Telegram. Отправьте им приглашения.
broadcast-confirm = { $people ->
    [one] ☝️ Так это увидит { $people } человек. Отправить?
    [few] ☝️ Так это увидят { $people } человека. Отправить?
   *[many] ☝️ Так это увидят { $people } человек. Отправить?
}

    Чтобы исправить, просто пришлите другой текст.
broadcast-yes = ✅ Отправить: { $people }
broadcast-no = ✖️ Нет
broadcast-running = 📣 <b>Рассылаю…</b>
broadcast-done = ✅ <b>Рассылка закончена</b>
broadcast-stopped = ⏹ <b>Рассылка остановлена</b>
broadcast-broken = ⚠️ <b>Рассылка прервана</b>
broadcast-sent = 📨 <b>Доставлено:</b> { $count }
broadcast-unreachable = 🔕 <b>Заблокировали бота:</b> { $count }
broadcast-failed = ⚠️ <b>Не удалось:</b> { $count }
broadcast-waiting = ⏳ <b>Ждут очереди:</b> { $count }
broadcast-unsent = ⏹ <b>Не отправлено:</b> { $count }

stats-title = 📊 <b>Статистика</b> на { $date }
stats-total = 👥 <b>Клиентов:</b> { $total }, с Telegram: { $linked }
stats-kinds = ✅ { $active } активны · 🚫 { $blocked } заблокированы · ⌛ { $expired } истекли
stats-soon = ⏳ <b>Истекают за 3 дня:</b> { $count }
stats-lately = 🕓 <b>За сутки:</b> новых { $made }, продлений { $extended }, выдано настроек { $configs }
stats-panel-ok = 🟢 <b>Панель:</b> работает, версия { $version }
stats-panel-warning = 🟡 <b>Панель:</b> работает с оговоркой, версия { $version }; подробности на главной
stats-panel-down = 🔴 <b>Панель:</b> не работает, версия { $version }; что делать, написано на главной
stats-panel-unknown = ⚪ <b>Панель:</b> ещё не отвечала, версия { $version }
stats-refresh = 🔁 Обновить
stats-chart-ending = Истекают в ближайшие 14 дней
stats-chart-past = За последние 30 дней
stats-chart-made = новые
stats-chart-extended = продления
stats-chart-nothing = пока ничего

import-button = 📥 Импорт
broadcast-button = 📣 Рассылка
stats-button = 📊 Статистика
menu-find = найти клиента
menu-stats = статистика
menu-import = импорт из панели
menu-broadcast = рассылка
help-line-find = /find — найти клиента: <code>/find кв. 12</code>; или просто напишите, кого ищете
help-line-stats = /stats — статистика с графиком
help-line-import = /import — сделать клиентами тех, кто уже есть в панели
help-line-broadcast = /broadcast — написать всем клиентам, у кого привязан Telegram
