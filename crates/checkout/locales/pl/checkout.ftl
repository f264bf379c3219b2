checkout-title = Zapłać { $amount } – { $shop }
checkout-you-pay = Do zapłaty
checkout-to-shop = na rzecz: { $shop }
checkout-open-until = Otwarte do
checkout-time-left = Pozostały czas
checkout-time-warning = Na zapłatę zostały dwie minuty.
checkout-first-pin = Wpisz kod PIN swojego vouchera
checkout-next-pin = Wpisz następny kod PIN
checkout-vouchers = Twoje vouchery
checkout-voucher = Voucher …{ $digits }
checkout-remove = Usuń voucher kończący się na { $digits }
checkout-still-to-pay = Pozostało do zapłaty
checkout-covered = Twoje vouchery pokrywają całą kwotę.
checkout-added = Dodano. Pozostało do zapłaty: { $amount }.
checkout-pay = Zapłać { $amount }
checkout-reassurance = Nic nie zostanie pobrane, zanim naciśniesz „Zapłać”. Reszta zostaje na voucherze.
checkout-cancel = Anuluj płatność
checkout-advice = Chroń swój kod PIN
checkout-advice-cash = Kod PIN jest jak gotówka: kto go zna, może go wydać.
checkout-advice-secret = Nie podawaj go nikomu przez telefon, na czacie ani w e-mailu.
checkout-advice-fraud = Nikt uczciwy nie pobiera długów, opłat ani wygranych kodem PIN vouchera.
checkout-already-entered = Ten kod PIN już został wpisany. Wpisz inny.
checkout-other-currency = Ten voucher jest w { $voucher }, a sklep oczekuje { $payment }. Użyj vouchera w { $payment }.
checkout-other-country = Ten sklep przyjmuje tylko vouchery z kraju: { $country }. Użyj innego vouchera.
checkout-voucher-stopped = Wystawca sprawdza ten voucher i do tego czasu nie można nim płacić. Użyj innego vouchera lub skontaktuj się z wystawcą.
checkout-account-required = Ten sklep wymaga zweryfikowanego konta, którego sam voucher nie daje. Wróć do sklepu i wybierz inny sposób zapłaty.
checkout-too-many = Jedna płatność przyjmuje najwyżej dziesięć kodów PIN. Usuń jeden, aby dodać inny.
checkout-balance-changed = Wartość jednego z voucherów w międzyczasie się zmieniła. Sprawdź nowe kwoty przed zapłatą.
checkout-not-covered = Te kody PIN nie pokrywają jeszcze kwoty. Dodaj kolejny.
checkout-tries-left = { $count ->
    [one] Jeszcze jeden błędny kod PIN anuluje tę płatność.
    [few] Po { $count } kolejnych błędnych kodach PIN ta płatność zostanie anulowana.
   *[many] Po { $count } kolejnych błędnych kodach PIN ta płatność zostanie anulowana.
}
challenge-heading = Jeszcze jedno sprawdzenie
challenge-text = Wpisz numer seryjny wydrukowany na bonie: 16 cyfr, nie PIN.
challenge-serial = Numer seryjny z końcówką { $digits }
challenge-scam-heading = Czy ktoś każe ci zapłacić?
challenge-scam-text = Żaden bank, urząd, pracodawca ani serwisant nie przyjmuje bonów. Jeśli ktoś przez telefon lub na czacie kazał ci tu zapłacić, to oszustwo: rozłącz się i anuluj płatność. Pieniądze zostaną na bonie.
challenge-wait = Aby dać czas do namysłu, można kontynuować za { $seconds } s.
challenge-too-early = Poczekaj, aż minie czas do namysłu, i kontynuuj.
challenge-wrong = { $count ->
    [one] To nie jest ten numer seryjny. Jeszcze jedna błędna odpowiedź anuluje płatność.
    [few] To nie jest ten numer seryjny. Po { $count } kolejnych błędnych odpowiedziach płatność zostanie anulowana.
   *[other] To nie jest ten numer seryjny. Po { $count } kolejnych błędnych odpowiedziach płatność zostanie anulowana.
}
