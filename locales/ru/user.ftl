# Для клиентов и незнакомцев.

stranger = 👋 Здравствуйте! Этот бот работает по приглашениям.
stranger-id = Если вам нужен доступ, отправьте администратору ваш Telegram ID: <code>{ $id }</code>
stranger-copy = 📋 Скопировать ID

user-home-title = 👋 <b>Ваш VPN</b>
user-home-client = { $emoji } <b>{ $username }</b> — { $state }, до { $date }, { $relative }
user-home-none = К этому Telegram сейчас ничего не привязано. Попросите у администратора новое приглашение.
user-choose = 📲 <b>Какую настройку прислать?</b>
user-choose-others = 📋 Другие клиенты

help-user = Я присылаю вашу настройку VPN.

    /config — получить настройку
    /start — ваш доступ и его срок
    /lang — язык

    Если что-то не работает, напишите администратору.

welcome = 🎉 Готово! Этот Telegram привязан к <b>{ $username }</b>.
welcome-until = 📅 Доступ действует до { $date }, { $relative }.
welcome-next = Нажмите кнопку, и я пришлю настройку.

delivery-title = { $emoji } <b>{ $username }</b> — { $state }
delivery-until = 📅 <b>Действует до:</b> { $date }, { $relative }
delivery-link = 🔗 <code>{ $url }</code>
delivery-scan = 📷 Отсканируйте код другим устройством или скопируйте ссылку.
delivery-copy = 📋 Скопируйте ссылку и вставьте её в приложение.
delivery-link-only = ⚠️ Панель сейчас не отвечает, поэтому настройки текстом нет. Ссылка и код работают.
delivery-document = 📄 Настройка <b>{ $username }</b>

unfit-blocked = 🚫 Доступ <b>{ $username }</b> закрыт, поэтому настройки нет. Напишите администратору.
unfit-blocked-staff = 🚫 <b>{ $username }</b> заблокирован: настройка не заработает. Сначала верните доступ.
unfit-expired = ⌛ Срок <b>{ $username }</b> закончился { $date }. Чтобы продлить, напишите администратору.
unfit-expired-staff = ⌛ Срок <b>{ $username }</b> закончился { $date }: настройка не заработает. Сначала продлите.
unfit-traffic = 🪫 У <b>{ $username }</b> закончился трафик. Напишите администратору.
unfit-traffic-staff = 🪫 У <b>{ $username }</b> закончился трафик: настройка не заработает. Увеличьте лимит в панели.
unfit-squad = 🔧 Настройка <b>{ $username }</b> ещё не готова. Напишите администратору.
unfit-squad-staff = 🔧 У <b>{ $username }</b> нет серверов: добавьте его в панели во внутреннюю группу с ключами.
unfit-no-link = 🔧 Настройка <b>{ $username }</b> ещё не готова. Напишите администратору.
unfit-no-link-staff = 🔧 У <b>{ $username }</b> нет пользователя в панели: создайте клиента заново.
