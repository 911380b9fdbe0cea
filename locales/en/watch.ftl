# What the service notices by itself, and where it needs a person.

matter-stuck = ⚠️ <b>{ $username }</b>: “{ $action }” can be neither finished nor undone since { $since }. The panel does not answer, or not as it should. I keep trying; please see whether the panel works.
matter-another-user = ⚠️ <b>Panel:</b> somebody else is there now under the number of the client <b>{ $username }</b>. I changed nothing. It looks as if the panel was installed anew: check it, and leave the clients as they are until then.
matter-user-gone = 👻 <b>{ $username }</b> was deleted in the panel, so this VPN does not work any more. The client is still here. Delete it if nobody needs it, or create it again.
matter-panel-replaced = 🛑 <b>The panel does not know the clients:</b> { $missing } of { $total } are not there. It looks as if it was replaced, or restored from an old backup. Until an owner decides I change nothing; links people have and everything that only reads work as before.
matter-many-expired = ✋ <b>{ $expired ->
        [one] { $expired } client has
       *[other] { $expired } clients have
    } expired</b>, which is more than usual (I switch off up to { $most } without asking). Everybody still has access. Please check the dates: is this right?
matter-clocks = 🕰 <b>The clocks differ:</b> the panel’s and this server’s are { $seconds } s apart. While it is more than two minutes, nobody is switched off by date. Check the time on both servers.
matter-not-relinked = 🔗 <b>The panel was upgraded.</b> Linked anew: { $linked }. Not found by their link: { $left } — { $names }. Please look at them in the panel.
matter-panel-down = It has been so since { $since }. I will write when it works again.

owner-panel-back = 🟢 <b>Panel:</b> works again, after { $length }.

digest-title = ☀️ <b>Expiring today:</b> { $total ->
        [one] { $total } client
       *[other] { $total } clients
    }
digest-hint = A button with a name extends by { $days ->
        [one] { $days } day
       *[other] { $days } days
    }.
digest-button-list = ⏳ Expiring soon

owner-deactivated = ⌛ <b>Expired</b>, access closed for { $count ->
        [one] { $count } client
       *[other] { $count } clients
    }: { $names }
owner-deactivated-failed = ⚠️ <b>Could not close:</b> { $failed }. The panel did not answer; I will try again by myself.
owner-button-expired = ⌛ Expired
