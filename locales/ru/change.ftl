# Изменения клиента: продлить, заблокировать, удалить, заменить ссылку, заметка.

change-ask-days = ⏳ На сколько продлить <b>{ $username }</b>?

    Сейчас до { $date }. Нажмите кнопку или пришлите число дней от 1 до { $most }.
change-ask-date = 📅 До какого числа должен работать <b>{ $username }</b>?

    Сейчас до { $date }. Пришлите дату в будущем, например <code>{ $example }</code>. Время суток останется прежним.
change-date-wrong = 🤔 Такой даты нет.
change-days-wrong = 🤔 Это не число дней или оно слишком большое.
change-ask-note = 📝 Что записать про <b>{ $username }</b>?

    Пришлите текст до 500 символов. Его видят только те, кто ведёт VPN.
change-ask-delete = 🗑 Удалить клиента <b>{ $username }</b>?

    Он действует до { $date }, { $relative }. Доступ, ссылка, ключи и журнал клиента исчезнут, вернуть их нельзя.
change-yes-delete = 🗑 Да, удалить навсегда
change-ask-rotate = 🔄 Заменить ссылку у <b>{ $username }</b>?

    Старая ссылка и все ключи сразу перестанут работать, новую надо будет добавить в приложение.
change-yes-rotate = 🔄 Да, заменить
change-no = ✖️ Нет, оставить

change-extended = ✅ Продлён на { $days }, до { $date }.
change-still-blocked = 🚫 Но доступ по-прежнему закрыт: разблокируйте, когда будет нужно.
change-undone = ↩️ Продление на { $days } отменено, снова до { $date }.
change-dated = ✅ Теперь до { $date }.
change-blocked = 🚫 Доступ <b>{ $username }</b> закрыт.
change-unblocked = ✅ Доступ <b>{ $username }</b> открыт.
change-unblocked-expired = ✅ Блокировка снята, но срок закончился. Чтобы VPN заработал, продлите его 👇
change-rotated = 🔄 Ссылка <b>{ $username }</b> заменена, старая больше не работает.
change-noted = 📝 Записано.
change-unnoted = 📝 Заметка удалена.
change-deleted = 🗑 Клиент <b>{ $username }</b> удалён.

card-note = 📝 <b>Заметка:</b> { $note }

button-extend-other = ⏳ Другой срок
button-block = 🚫 Заблокировать
button-unblock = ✅ Разблокировать
button-note = 📝 Заметка
button-unnote = 🗑 Удалить заметку
button-date = 📅 Дата
button-rotate = 🔄 Заменить ссылку
button-delete = 🗑 Удалить
button-undo = ↩️ Отменить продление
button-list = 📋 К списку

list-title-extend = ⏳ <b>Кого продлить?</b>
list-title-date = 📅 <b>Чью дату исправить?</b>
list-title-note = 📝 <b>О ком заметка?</b>
list-title-block = 🚫 <b>Кого заблокировать?</b>
list-title-unblock = ✅ <b>Кого разблокировать?</b>
list-title-rotate = 🔄 <b>Чью ссылку заменить?</b>
list-title-delete = 🗑 <b>Кого удалить?</b>

usage-extend = 🤔 Напишите, кого и на сколько дней продлить, например: <code>/extend alice 30</code>. Дней может быть от 1 до 3650.

help-line-extend = /extend — продлить: <code>/extend alice 30</code>
help-line-date = /date — исправить дату: <code>/date alice 2027-01-31</code>
help-line-block = /block, /unblock — заблокировать и разблокировать: <code>/block alice не оплатил</code>
help-line-note = /note — заметка: <code>/note alice квартира 12</code>
help-line-rotate = /rotate — заменить ссылку: <code>/rotate alice</code>
help-line-delete = /delete — удалить клиента: <code>/delete alice</code>

menu-extend = продлить
menu-block = заблокировать
menu-unblock = разблокировать
menu-note = заметка о клиенте
menu-date = исправить дату
menu-delete = удалить клиента

log-row-reason = 💬 { $reason }

error-too-many-days = ⛔ За один раз можно дать не больше { $days ->
    [one] { $days } дня
   *[other] { $days } дней
  }.
error-date-passed = 📅 Так срок уже закончился бы, а панель принимает только будущие даты. Чтобы закрыть доступ, заблокируйте клиента.
error-same-date = 📅 У клиента уже стоит эта дата.
error-cannot-undo = ↩️ Отменить уже нельзя: прошло больше 5 минут или клиент с тех пор изменился. Срок можно исправить через /date.
