home-title = Pay online with a voucher
home-heading = Pay online. Without a bank account.
home-lead = Buy a Scrip voucher with cash, type its 16-digit PIN at the checkout, done. No card, no account, no name.
home-sample = Voucher
home-steps = How it works
home-step-buy = Buy a voucher at a shop or kiosk near you.
home-step-choose = Choose Scrip when you pay online.
home-step-pay = Type the PIN. What is left stays on the voucher.
home-links = What would you like to do?
home-balance = Check a balance
home-balance-text = What is left, and what was paid.
home-freeze = Freeze a voucher
home-freeze-text = Lost or stolen? Stop it at once.
home-shops = Accept Scrip in your shop
home-shops-text = The programming interface, with examples.
home-privacy = Privacy
home-privacy-text = What we know about you: next to nothing.
privacy-title = Privacy
privacy-lead = You can pay with Scrip without telling us who you are. This is what we store, and what we do not.
privacy-page = When you open a page
privacy-page-third = Pages come from this server alone. They load nothing from other companies: no statistics, no advertising, no fonts.
privacy-page-cookie = Two cookies at most, and both are ours alone: one remembers the language that you choose, for a year; the other tells on the payment page that this browser was here before, for 90 days. It says nothing else, and nobody else can read it.
privacy-page-log = The page of the public log keeps in your browser the last state of the log that it found good, and a policy if you put one in. Both stay there.
privacy-page-address = To stop people who guess PINs, we count wrong PINs by network address. The count is forgotten within hours. That a wrong PIN was typed for a payment stays noted with that payment and the address; the PIN does not.
privacy-pay = When you pay
privacy-pay-pin = Your PIN is never stored in readable form. We keep a fingerprint of it that only this system can compute.
privacy-pay-record = We keep what a payment needs: the amount, the time, the shop, the serials of the vouchers, and the customer number that the shop gave us.
privacy-pay-address = With the payment we store the network address from which its page was first opened. The shop can see it, and uses it against fraud.
privacy-pay-behaviour = Against fraud the payment page notes how long you were on it, whether the PIN was typed or pasted, the rhythm of the keys (never which), and whether a program drives the browser. We keep that with the attempt to pay, together with the network address, and use it for nothing else.
privacy-pay-kept = This is a book of accounts: nothing in it is changed or erased afterwards, only corrected by a later entry. The law on bookkeeping says how long it is kept.
privacy-pay-shop = The shop learns that you paid, how much, and the serials and the country of the vouchers. It never learns a PIN, nor what is left on a voucher.
privacy-freeze = When you freeze a voucher
privacy-freeze-text = We compare what you type with the record of the sale and keep the time of the freeze. We do not ask for your name.
error-not-found-title = There is no such page
error-not-found-text = The address may be mistyped or old.
error-forbidden-title = This form came from another website
error-forbidden-text = To protect you, we accept forms from our own pages only. Open the page again and repeat what you did. Nothing was changed.
error-request-title = We could not read that
error-request-text = The form arrived incomplete. Go back, load the page again and repeat what you did. Nothing was changed.
error-limit-title = Too many tries
error-limit-text = To protect all vouchers, we slow down wrong PINs. Try again in { $wait }. Your voucher is not locked and keeps its value.
error-unavailable-title = We are not available right now
error-unavailable-text = Please try again in a few minutes. If you were paying, do not start a second payment: open the same link again and see whether it went through.
error-home = To the home page
error-back = Back, to try again
error-request-id = If you ask for help, give this number:
wait-seconds = { $count ->
    [one] one second
   *[other] { $count } seconds
}
wait-minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
privacy-letters = If you leave an e-mail address
privacy-letters-text = We keep it encrypted, write to it about its voucher and nothing else, and give it to nobody. When you remove it, or the voucher is used up or ends, nothing is written any more. Its encrypted form stays in the book of accounts, where nothing is erased; nobody opens it.
