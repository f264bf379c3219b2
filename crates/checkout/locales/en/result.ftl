result-paid-title = Payment received
result-paid-text = You paid { $amount } to { $shop }.
result-paid-vouchers = How you paid
result-voucher-left = { $amount } left
result-continue = Back to { $shop }
result-continue-in = You go back to the shop in
result-seconds = seconds.
result-stay = Stay here
result-cancelled-title = Payment cancelled
result-cancelled-text = Nothing was taken from your vouchers.
result-expired-title = The time to pay is over
result-expired-text = Nothing was taken from your vouchers. Go back to the shop and start again.
result-closed-title = This payment is already complete
result-closed-text = Nothing more is to pay here.
result-tries-title = Too many wrong PINs
result-tries-text = To protect all vouchers, this payment takes no more PINs. Nothing was taken. Go back to the shop and start again.
result-risky-title = This payment was stopped
result-risky-text = Our fraud protection did not let it through. Nothing was taken from your vouchers. If it was really you, contact the issuer with your voucher at hand.
result-unproven-title = Too many wrong answers
result-unproven-text = To protect the owner of the voucher, this payment was cancelled. Nothing was taken. Go back to the shop and start again.
result-refused-title = This payment was refused
result-refused-text = A person has checked it and refused it. Nothing was taken from your vouchers. Contact the issuer if you have questions.
result-review-title = Your payment is being checked
result-review-text = A person looks at it, at the latest until { $time }. The amount is reserved. The shop is told at once what comes of it; if nothing comes of it, everything goes back to your vouchers.
result-frozen = { $count ->
    [one] Your voucher is frozen
   *[other] Your vouchers are frozen
}
result-frozen-text = { $count ->
    [one] Nobody can pay with it any more until the issuer releases it. Its value stays on it and is safe.
   *[other] Nobody can pay with the { $count } vouchers that you entered until the issuer releases them. Their value stays on them and is safe.
}
result-frozen-release = For the release, contact the issuer; its address is on the receipt. Have the serial, the receipt and the reference ready. The issuer asks how you came by the voucher, and releases what is yours.
result-scam-text = No bank, authority, employer or technician takes vouchers. If somebody on the telephone or in a chat told you to pay here, it is fraud: hang up, give away no more PINs, and tell the issuer.
notes-issuer = The issuer adds
