# Что бот пишет сам.

still-working = ⏳ Ещё работаю…
too-fast = 🐢 Слишком много сразу. Минуту я не отвечаю, потом напишите ещё раз.

notice-button-config = 📲 Получить настройку
notice-button-bot = 🤖 Открыть бота
notice-button-status = 📊 Мой доступ

notice-extended = 📅 Ваш доступ <b>{ $username }</b> продлён на { $days ->
    [one] { $days } день
    [few] { $days } дня
   *[other] { $days } дней
  }. Он действует до { $date }, { $relative }.
notice-moved = 📅 Срок вашего доступа <b>{ $username }</b> изменён. Он действует до { $date }, { $relative }.
notice-past = ⌛ Срок вашего доступа <b>{ $username }</b> изменён: он закончился { $date }.
notice-still-closed = 🚫 Сам доступ пока закрыт.
notice-blocked = 🚫 Ваш доступ <b>{ $username }</b> закрыт. Если не знаете почему, напишите администратору.
notice-unblocked = ✅ Ваш доступ <b>{ $username }</b> снова открыт, до { $date }, { $relative }.
notice-unblocked-expired = ✅ Ваш доступ <b>{ $username }</b> снова открыт, но его срок закончился { $date }. Попросите администратора продлить.
notice-rotated = 🔄 Ссылка вашего доступа <b>{ $username }</b> заменена: старая больше не работает. Получите новую настройку.
notice-broadcast = 📣 { $text }

notice-expiring = ⏳ Ваш доступ <b>{ $username }</b> закончится { $relative }: { $date }.
notice-expiring-several = ⏳ <b>Скоро закончится ваш доступ:</b>
notice-expiring-hint = Продлите его заранее, и VPN будет работать без перерыва. Настраивать заново ничего не нужно.
notice-expired = ⌛ Ваш доступ <b>{ $username }</b> закончился { $date }, поэтому VPN не работает.
notice-expired-several = ⌛ <b>Закончился ваш доступ, и VPN по нему не работает:</b>
notice-expired-hint = Продлите его, и VPN снова заработает. Настраивать заново ничего не нужно.
notice-dated = • <b>{ $username }</b> — { $date }, { $relative }
notice-more = … и ещё { $count }

owner-deleted = 🗑 <b>{ $who }</b>: клиент <b>{ $username }</b> удалён.
owner-granted = 👮 <b>{ $who }</b>: роль «{ $role }» выдана { $person }.
owner-revoked = 👮 <b>{ $who }</b>: роль «{ $role }» снята с { $person }.
owner-long-extension = 📅 <b>{ $who }</b>: клиент <b>{ $username }</b> продлён на { $days ->
    [one] { $days } день
    [few] { $days } дня
   *[other] { $days } дней
  }, до { $date }.
owner-another-bot = 🤖 Теперь работает другой бот. Пока человек не нажмёт в нём «Старт», писать ему нельзя. Раньше бот мог написать { $people ->
    [one] { $people } человеку
   *[other] { $people } людям
  }. Передайте ссылку на нового бота; кто ещё не нажал, видно на карточке клиента.
owner-role-viewer = наблюдатель
owner-role-operator = оператор
owner-role-admin = администратор
owner-role-owner = владелец
owner-role-user = пользователь
