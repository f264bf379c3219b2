checkout-title = Pay { $amount } to { $shop }
checkout-you-pay = You pay
checkout-to-shop = to { $shop }
checkout-open-until = Open until
checkout-time-left = Time left
checkout-time-warning = Two minutes left to pay.
checkout-first-pin = Enter the PIN of your voucher
checkout-next-pin = Enter the next PIN
checkout-vouchers = Your vouchers
checkout-voucher = Voucher …{ $digits }
checkout-remove = Remove voucher ending in { $digits }
checkout-still-to-pay = Still to pay
checkout-covered = Your vouchers cover the whole amount.
checkout-added = Added. { $amount } is still to pay.
checkout-pay = Pay { $amount }
checkout-reassurance = Nothing is taken before you press “Pay”. What you do not use stays on your voucher.
checkout-cancel = Cancel payment
checkout-advice = Keep your PIN safe
checkout-advice-cash = A PIN is like cash: whoever knows it can spend it.
checkout-advice-secret = Never tell it to anyone by phone, chat or e-mail.
checkout-advice-fraud = Nobody honest collects debts, fees or prizes by voucher PIN.
checkout-already-entered = You have already entered this PIN. Enter another one.
checkout-other-currency = This voucher is in { $voucher }, but the shop wants { $payment }. Use a voucher in { $payment }.
checkout-other-country = This shop takes vouchers from { $country } only. Use another voucher.
checkout-voucher-stopped = The issuer is checking this voucher, and it cannot pay until then. Use another voucher, or contact the issuer.
checkout-account-required = This shop asks for a verified account, which a voucher alone does not have. Go back to the shop and choose another way to pay.
checkout-too-many = One payment takes at most ten PINs. Remove one to add another.
checkout-balance-changed = The value of a voucher has changed in the meantime. Check the new amounts before you pay.
checkout-not-covered = These PINs do not cover the amount yet. Add another one.
checkout-tries-left = { $count ->
    [one] One more wrong PIN cancels this payment.
   *[other] After { $count } more wrong PINs this payment is cancelled.
}
challenge-heading = One more check
challenge-text = Type the serial number that is printed on your voucher: 16 digits, not the PIN.
challenge-serial = Serial number ending in { $digits }
challenge-scam-heading = Is somebody asking you to pay?
challenge-scam-text = No bank, authority, employer or technician takes vouchers. If somebody on the telephone or in a chat told you to pay here, it is fraud: hang up and cancel this payment. Your money stays on the voucher.
challenge-wait = To give you time to think, you can go on in { $seconds } seconds.
challenge-too-early = Please wait until the time to think is over, then go on.
challenge-wrong = { $count ->
    [one] This is not the serial number. One more wrong answer cancels the payment.
   *[other] This is not the serial number. After { $count } more wrong answers the payment is cancelled.
}
