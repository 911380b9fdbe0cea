# What the service notices by itself, and where it needs a person.

matter-stuck = ⚠️ <b>{ $username }</b>: “{ $action }” can be neither finished nor undone since { $since }. The panel does not answer, or not as it should. I keep trying; please see whether the panel works.
matter-another-user = ⚠️ <b>Panel:</b> somebody else is there now under the number of the client <b>{ $username }</b>. I changed nothing. It looks as if the panel was installed anew: check it, and leave the clients as they are until then.
matter-user-gone = 👻 <b>{ $username }</b> was deleted in the panel, so this VPN does not work any more. The client is still here. Create it on the panel again, or delete it if nobody needs it.
matter-panel-replaced = 🛑 <b>The panel does not know the clients:</b> { $missing } of { $total } are not there. It looks as if it was replaced, or restored from an old backup. Until an owner decides I change nothing.
matter-many-expired = ✋ <b>{ $expired ->
        [one] { $expired } client has
       *[other] { $expired } clients have
    } expired</b>, which is more than usual (I switch off up to { $most } without asking). Everybody still has access. Please check the dates: is this right?
matter-clocks = 🕰 <b>The clocks differ:</b> the panel’s and this server’s are { $seconds } s apart. While it is more than two minutes, nobody is switched off by date. Check the time on both servers.
matter-not-relinked = 🔗 <b>The panel was upgraded.</b> Linked anew: { $linked }. Not found by their link: { $left } — { $names }. Please look at them in the panel.
owner-relinked = 🔗 <b>The panel was upgraded.</b> All clients are linked anew: { $linked }. There is nothing for you to do.

matters-title = 🔔 <b>These need a person</b>
matters-none = 👌 All is well: nothing needs you now.
matters-more = …and { $count } more. They appear here when these are settled.
matters-button = 🔔 Needs a person: { $count }
matters-button-list = 🔔 Back
matters-button-look = 🔄 Check the panel again
matters-button-make = 🧱 Create the clients on the panel again
matters-button-let-go = ✂️ Go on without them
matters-button-allow = ⌛ Switch them off
matters-button-aside = ✔️ { $username }: seen to
matters-button-aside-all = ✔️ Seen to
matters-ask-allow = ❓ <b>Switch off everybody whose date has passed?</b>
    Extending switches each of them on again.
matters-ask-make = ❓ <b>Create the clients on the panel again?</b>
    Whoever the panel does not know gets a user there with the same name, date and link. The keys are new: people only have to refresh the subscription in their app.
matters-ask-let-go = ❓ <b>Go on without them?</b>
    Whoever the panel does not know stays here without a link, and their VPN will not work. The links cannot be brought back later.
matters-yes = ✅ Yes
matters-no = ✖️ No
matters-decided-allow = ⌛ Switching them off. I will write when it is done.
matters-decided = ⏳ At work. I will write when it is done; until then everything else waits.
matters-looked-well = ✅ The panel knows the clients again. Everything works as usual.
matters-looked-ill = 🛑 The panel still does not know the clients. Nothing has changed.
owner-resettled-made = 🧱 <b>Done:</b> created on the panel again: { $done }, not possible: { $failed }. Everything goes on.
owner-resettled-let-go = ✂️ <b>Done:</b> without a link now: { $done }, not possible: { $failed }. Everything goes on.
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

card-no-panel-user = 👻 <b>On the panel:</b> there is no such user, the VPN does not work
card-button-remake = 🧱 Create on the panel again
card-ask-remake = ❓ <b>Create { $username } on the panel again?</b>
    Name and date stay. If the old link is gone there is a new one, which the person has to be sent.
matters-button-remake = 🧱 { $username }: create on the panel again
