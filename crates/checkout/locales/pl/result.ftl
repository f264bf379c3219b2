result-paid-title = Płatność przyjęta
result-paid-text = Zapłacono { $amount } na rzecz: { $shop }.
result-paid-vouchers = Czym zapłacono
result-voucher-left = zostało { $amount }
result-continue = Wróć do sklepu { $shop }
result-continue-in = Powrót do sklepu za
result-seconds = s.
result-stay = Zostań tutaj
result-cancelled-title = Płatność anulowana
result-cancelled-text = Z voucherów nic nie pobrano.
result-expired-title = Czas na zapłatę minął
result-expired-text = Z voucherów nic nie pobrano. Wróć do sklepu i zacznij od nowa.
result-closed-title = Ta płatność jest już zakończona
result-closed-text = Nie ma tu nic więcej do zapłaty.
result-tries-title = Zbyt wiele błędnych kodów PIN
result-tries-text = Dla ochrony wszystkich voucherów ta płatność nie przyjmuje już kodów PIN. Nic nie pobrano. Wróć do sklepu i zacznij od nowa.
result-risky-title = Ta płatność została zatrzymana
result-risky-text = Nasza ochrona przed oszustwami jej nie przepuściła. Z bonów nic nie pobrano. Jeśli to naprawdę ty, skontaktuj się z wystawcą, mając bon pod ręką.
result-unproven-title = Za dużo błędnych odpowiedzi
result-unproven-text = Aby chronić właściciela bonu, płatność anulowano. Nic nie pobrano. Wróć do sklepu i zacznij od nowa.
result-refused-title = Ta płatność została odrzucona
result-refused-text = Sprawdziła ją i odrzuciła osoba u wystawcy. Z bonów nic nie pobrano. W razie pytań skontaktuj się z wystawcą.
result-review-title = Twoja płatność jest sprawdzana
result-review-text = Sprawdza ją człowiek, najpóźniej do { $time }. Kwota jest zarezerwowana. Sklep od razu dowie się o wyniku; w razie odmowy wszystko wróci na bony.
result-frozen = { $count ->
    [one] Twój bon jest zablokowany
   *[other] Twoje bony są zablokowane
}
result-frozen-text = { $count ->
    [one] Nikt nie może nim zapłacić, dopóki wystawca go nie odblokuje. Jego wartość zostaje na nim i jest bezpieczna.
   *[other] Nikt nie może zapłacić wpisanymi bonami ({ $count }), dopóki wystawca ich nie odblokuje. Ich wartość zostaje na nich i jest bezpieczna.
}
result-frozen-release = Aby uzyskać odblokowanie, skontaktuj się z wystawcą; jego adres jest na paragonie. Przygotuj numer seryjny, paragon i numer sprawy. Wystawca zapyta, skąd masz bon, i odblokuje to, co jest twoje.
result-scam-text = Żaden bank, urząd, pracodawca ani serwisant nie przyjmuje bonów. Jeśli ktoś przez telefon lub na czacie kazał ci tu zapłacić, to oszustwo: rozłącz się, nie podawaj więcej kodów PIN i powiadom wystawcę.
notes-issuer = Wystawca dodaje
