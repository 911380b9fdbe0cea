# Общее: время, величины, состояния, кнопки, языки.

days = { $days ->
    [one] { $days } день
    [few] { $days } дня
   *[many] { $days } дней
}
hours = { $hours ->
    [one] { $hours } час
    [few] { $hours } часа
   *[many] { $hours } часов
}
minutes = { $minutes ->
    [one] { $minutes } минуту
    [few] { $minutes } минуты
   *[many] { $minutes } минут
}
time-in = через { $length }
time-ago = { $length } назад
time-now = только что

unit-bytes = { $number } Б
unit-kilobytes = { $number } КБ
unit-megabytes = { $number } МБ
unit-gigabytes = { $number } ГБ
unit-terabytes = { $number } ТБ

state-active = активен
state-blocked = заблокирован
state-expired = срок закончился
state-traffic = трафик закончился

button-home = 🏠 На главную
button-back = ⬅️ Назад
button-cancel = ✖️ Отмена
button-retry = 🔁 Попробовать ещё раз
button-config = 📲 Получить настройку
button-qr = 🔳 QR-код
button-copy-link = 📋 Скопировать ссылку
button-add-to-app = ➕ Добавить в приложение
button-invite = ✉️ Пригласить
button-card = 🪪 Карточка
button-log = 📜 Журнал
button-new = ➕ Новый клиент

lang-choose = 🌐 На каком языке отвечать?
lang-ru = Русский
lang-en = English

outdated = ⏱ Эта кнопка устарела. Вот свежий экран:
cancelled = ✖️ Отменено, ничего не изменилось.
nothing-to-cancel = Отменять нечего.

menu-home = главная
menu-config = получить настройку
menu-lang = язык
menu-help = что я умею
menu-new = новый клиент
menu-clients = список клиентов
menu-client = карточка клиента
menu-invite = пригласить клиента
menu-log = что было сделано
menu-ops = журнал клиента
menu-cancel = отменить начатое
