# Для клиентов и незнакомцев.

stranger = 👋 Здравствуйте! Этот бот работает по приглашениям.
stranger-id = Если вам нужен доступ, отправьте администратору ваш Telegram ID: <code>{ $id }</code>
stranger-copy = 📋 Скопировать ID

user-home-title = 👋 <b>Ваш VPN</b>
user-home-client = { $emoji } <b>{ $username }</b> — { $state }, до { $date }, { $relative }
user-home-none = К этому Telegram сейчас ничего не привязано. Попросите у администратора новое приглашение.
user-choose = 📲 <b>Какую настройку прислать?</b>
user-choose-status = 📊 <b>Про какой доступ рассказать?</b>
user-choose-relink = 🔄 <b>Какую ссылку заменить?</b>
user-choose-others = 📋 Другие клиенты

help-user = Я присылаю настройку VPN и помогаю, когда что-то не работает.

    /config — получить настройку
    /status — до какого числа доступ и сколько трафика
    /rotate — заменить ссылку, если её увидел кто-то чужой
    /start — главная
    /lang — язык

    Не работает? Напишите мне любое сообщение, и я проверю.

welcome = 🎉 Готово! Этот Telegram привязан к <b>{ $username }</b>.
welcome-until = 📅 Доступ действует до { $date }, { $relative }.
welcome-next = Нажмите кнопку, и я пришлю настройку.

delivery-title = { $emoji } <b>{ $username }</b> — { $state }
delivery-until = 📅 <b>Действует до:</b> { $date }, { $relative }
delivery-link = 🔗 <code>{ $url }</code>
delivery-scan = 📷 Отсканируйте код другим устройством или скопируйте ссылку.
delivery-copy = 📋 Скопируйте ссылку и вставьте её в приложение.
delivery-link-only = ⚠️ Сервер сейчас не отвечает, поэтому настройки текстом нет. Ссылка и код работают.
delivery-document = 📄 Настройка <b>{ $username }</b>

unfit-blocked = 🚫 Доступ <b>{ $username }</b> закрыт, поэтому настройки нет.
unfit-blocked-staff = 🚫 <b>{ $username }</b> заблокирован: настройка не заработает. Сначала верните доступ.
unfit-expired = ⌛ Срок <b>{ $username }</b> закончился { $date }, поэтому настройки нет.
unfit-expired-staff = ⌛ Срок <b>{ $username }</b> закончился { $date }: настройка не заработает. Сначала продлите.
unfit-traffic = 🪫 У <b>{ $username }</b> закончился трафик, поэтому настройки нет.
unfit-traffic-staff = 🪫 У <b>{ $username }</b> закончился трафик: настройка не заработает. Увеличьте лимит в панели.
unfit-not-ready = 🔧 Настройка <b>{ $username }</b> ещё не готова.
unfit-squad-staff = 🔧 У <b>{ $username }</b> нет серверов: добавьте его в панели во внутреннюю группу с ключами.
unfit-no-link-staff = 🔧 У <b>{ $username }</b> нет пользователя в панели: создайте клиента заново.
