# Токены REST API, для администраторов.

token-title = 🔑 <b>Токены API</b>
token-explain = С токеном магазин или мониторинг пользуется REST API:
    <code>/token new shop</code> — новый, читает и меняет
    <code>/token new grafana read</code> — новый, только читает
    <code>/token revoke shop</code> — перестанет работать
    <code>/token list</code> — все токены
token-none = Пока ни одного.
token-heading = 🔹 <b>{ $name }</b> — { $scope }
token-scope-read = только читает
token-scope-write = читает и меняет
token-made = Создан: { $date }, { $name }
token-used = Последнее использование: { $relative }
token-unused = Последнее использование: ещё не было
token-log = В журнале: <code>token:{ $name }</code>
token-settings = Из настроек (<code>API_TOKENS</code>): меняется только там
token-hidden = ⚠️ Не работает: токен с этим именем есть в настройках

token-new = 🔑 <b>Токен { $name }</b> — { $scope }
token-new-secret = <code>{ $secret }</code>
token-new-again = ⚠️ Если его секрет уже показывался, тот больше не работает: действует только этот.
token-new-once = Секрет показан один раз, посмотреть его снова нельзя.
token-new-use = Посылайте его с каждым запросом в заголовке <code>Authorization: Bearer …</code>
    Отозвать: <code>/token revoke { $name }</code>
    Когда скопируете, удалите это сообщение.
token-button-copy = 📋 Скопировать токен
token-button-wipe = 🗑 Удалить это сообщение
token-button-revoke = 🗑 Отозвать { $name }
token-button-list = 🔑 Токены API
token-wiped = 🗑 Здесь был секрет.
token-wipe-yourself = До того сообщения мне уже не дотянуться: удалите его, пожалуйста, сами.

token-ask = ❓ <b>Отозвать токен { $name }?</b>
token-ask-lost = Всё, что им пользуется, сразу получит отказ. Вернуть его нельзя: у нового токена будет новый секрет.
token-yes = 🗑 Да, отозвать
token-no = ✖️ Нет
token-revoked = 🗑 Токен <b>{ $name }</b> отозван и больше ничего не открывает.
token-told-made = 🔑 { $who }: создан токен API <b>{ $name }</b> ({ $scope }). Если так быть не должно: <code>/token revoke { $name }</code>
token-told-revoked = 🗑 { $who }: отозван токен API <b>{ $name }</b>.

token-error-taken = 🔑 Токен с таким именем уже есть. Возьмите другое имя или сначала отзовите тот.
token-error-settings = 🔑 Токен с таким именем задан в настройках (<code>API_TOKENS</code>) и меняется только там. Для нового возьмите другое имя.
token-error-unknown = 🤷 Такого токена нет. Все токены покажет <code>/token list</code>.
token-error-many = 🔑 Токенов слишком много. Отзовите ненужные: <code>/token list</code>
usage-token = 🤔 Так не получится. Напишите <code>/token new shop</code>, <code>/token new grafana read</code>, <code>/token revoke shop</code> или <code>/token list</code>. В имени от 1 до 64 знаков: A-Z, a-z, 0-9, _ и -.
help-line-token = /token — токены REST API: <code>/token new shop</code>
menu-token = токены API
