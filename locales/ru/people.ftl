# Роли, приглашения, связь с Telegram.

role-none = без роли
role-viewer = наблюдатель
role-operator = оператор
role-admin = администратор
role-owner = владелец
role-viewer-may = 👁 Наблюдатель видит клиентов, журнал и статистику, но не ссылки и ключи.
role-operator-may = 🛠 Оператор создаёт, продлевает, блокирует, приглашает и отвязывает клиентов, выдаёт настройки.
role-admin-may = 🛡 Администратор может и всё остальное: менять даты и ссылки, удалять, импортировать, делать рассылки и токены API.

roles-title = 👥 <b>Кому что можно</b>
roles-line = { $emoji } <b>{ $name }</b> — { $role }
roles-line-settings = { $emoji } <b>{ $name }</b> — { $role }, из настроек
roles-line-own = { $emoji } <b>{ $name }</b> — { $role }, это вы
roles-button = 👥 Роли
roles-button-give = ➕ Дать роль
role-button = 👤 Роль

role-person = 👤 <b>{ $name }</b>
role-now = 📌 <b>Сейчас:</b> { $emoji } { $role }
role-unseen = 💤 Мне этот человек ещё не писал. Роль подействует, как только он откроет бота и нажмёт «Запустить».
role-button-take = ✖️ Забрать роль

role-ask = ❓ <b>Назначить роль «{ $role }»?</b>
    👤 { $name }
role-ask-take = ❓ <b>Забрать роль?</b>
    👤 { $name }
role-ask-lost = Это действует сразу. Чего новая роль не позволяет, то закроется: токены API, неиспользованные приглашения, начатые действия.
role-yes = ✅ Да
role-no = ✖️ Нет

role-whom = 👤 <b>Кому дать роль?</b>
    Пришлите его Telegram ID (бот показывает его каждому, кто напишет /start) или @имя, если он мне уже писал.
role-whom-wrong = 🤷 Так я никого не нашёл. Пришлите Telegram ID цифрами или @имя человека, который мне уже писал.
role-changed = ✅ <b>{ $name }</b>: теперь { $role }. Действует сразу.
role-same = 👌 <b>{ $name }</b>: и так { $role }, ничего не изменилось.
role-taken = ✖️ <b>{ $name }</b>: роли больше нет. Действует сразу.
role-same-none = 👌 <b>{ $name }</b>: роли и так нет.
role-tokens-ended = 🔑 Отозвано токенов API: { $count }
role-invites-ended = ✉️ Закрыто приглашений: { $count }
role-told = { $emoji } Ваша роль теперь: <b>{ $role }</b>. Что вам можно: /help
role-told-taken = ✖️ У вас больше нет роли: управлять клиентами теперь нельзя.

role-error-settings = 👑 Эта роль записана в настройках (<code>ADMIN_IDS</code>) и меняется только там.
role-error-own = 👑 Это ваша собственная роль: её может изменить только другой владелец.
role-error-unknown = 🤷 Никто с таким именем мне не писал. Назовите числовой Telegram ID.
usage-roles = 🤔 Так не получится. Напишите <code>/grant 123456789 operator</code> или <code>/revoke 123456789</code>; вместо номера можно <code>@имя</code>. Роли: <code>viewer</code>, <code>operator</code>, <code>admin</code>. Владельцев назначают только в настройках.

unlink-button = 🔓 Отвязать
move-button = 🔀 На другой Telegram
take-back-button = ↩️ Забрать обратно
people-no = ✖️ Нет
list-title-unlink = 🔓 <b>Кого отвязать от Telegram?</b>

unlink-ask = ❓ <b>Отвязать { $username } от Telegram?</b>
unlink-ask-who = 👤 <b>Сейчас:</b> { $name }
unlink-ask-lost = Этот человек больше не получит настройку от меня. Уже настроенный VPN у него работает, пока ссылку не заменят.
unlink-yes = 🔓 Да, отвязать
unlink-done = 🔓 <b>{ $username }</b> больше не привязан: { $name }
unlink-keeps = Уже настроенный VPN там работает, пока ссылку не заменят.
unlink-nobody = 👌 <b>{ $username }</b> и так ни к кому не привязан.
unlink-nobody-word = никто
unlink-another = 🤷 К <b>{ $username }</b> теперь привязан другой человек: { $name }. Я ничего не изменил.
unlink-told = 🔓 Доступ <b>{ $username }</b> больше не привязан к этому Telegram. Если это ошибка, напишите администратору.
invite-taken = 🔒 <b>{ $username }</b> уже привязан: { $name }. Приглашение нужно, только если отвязать или перенести.

move-ask = ❓ <b>Перенести { $username } на другой Telegram?</b>
move-ask-what = Этот человек будет отвязан, а вы получите приглашение, чтобы переслать его на другой Telegram.
move-ask-replace = Если старый телефон не должен больше пользоваться VPN, замените и ссылку: старая перестанет работать.
move-yes = 🔀 Да, перенести
move-yes-replace = 🔄 Да, и заменить ссылку
move-replaced = 🔄 Ссылка заменена: старая больше не работает.
move-not-replaced = ⚠️ Ссылка НЕ заменена: панель этого не сделала. Замените её позже, кнопкой на карточке.
move-before = 👌 Это уже сделано. К <b>{ $username }</b> сейчас привязан: { $name }

help-line-unlink = /unlink — отвязать клиента от Telegram: <code>/unlink alice</code>
help-line-roles = /roles — кому что можно; сразу: <code>/grant 123456789 operator</code>, <code>/revoke 123456789</code>
menu-unlink = отвязать от Telegram
menu-roles = кому что можно
