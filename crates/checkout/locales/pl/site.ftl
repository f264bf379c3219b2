home-title = Płać w internecie voucherem
home-heading = Płać w internecie. Bez konta w banku.
home-lead = Kup voucher Scrip za gotówkę i przy płatności wpisz jego 16-cyfrowy kod PIN. Bez karty, bez konta, bez nazwiska.
home-sample = Voucher
home-steps = Jak to działa
home-step-buy = Kup voucher w sklepie lub kiosku.
home-step-choose = Przy płatności w internecie wybierz Scrip.
home-step-pay = Wpisz kod PIN. Reszta zostaje na voucherze.
home-links = Co chcesz zrobić?
home-balance = Sprawdź saldo
home-balance-text = Ile zostało i za co zapłacono.
home-freeze = Zablokuj voucher
home-freeze-text = Zgubiony lub skradziony? Zatrzymaj go od razu.
home-shops = Przyjmuj Scrip w swoim sklepie
home-shops-text = Interfejs programistyczny z przykładami.
home-privacy = Prywatność
home-privacy-text = Co o Tobie wiemy: prawie nic.
privacy-title = Prywatność
privacy-lead = Ze Scrip zapłacisz, nie mówiąc nam, kim jesteś. Oto co przechowujemy, a czego nie.
privacy-page = Gdy otwierasz stronę
privacy-page-third = Strony pochodzą wyłącznie z tego serwera. Nie ładują niczego od innych firm: żadnych statystyk, reklam ani czcionek.
privacy-page-cookie = Najwyżej dwa pliki cookie, oba tylko nasze: jeden przez rok pamięta wybrany język; drugi przez 90 dni mówi na stronie płatności, że ta przeglądarka już tu była. Nie mówi nic więcej i nikt inny nie może go odczytać.
privacy-page-log = Strona publicznego rejestru zachowuje w Twojej przeglądarce ostatni stan rejestru, który uznała za dobry, oraz zasady, jeśli je wpiszesz. Jedno i drugie tam pozostaje.
privacy-page-address = Aby powstrzymać zgadywanie kodów PIN, liczymy błędne kody według adresu sieciowego. Ten licznik znika po kilku godzinach. To, że przy płatności wpisano błędny kod, pozostaje zapisane przy tej płatności wraz z adresem; sam kod nie.
privacy-pay = Gdy płacisz
privacy-pay-pin = Twój kod PIN nigdy nie jest przechowywany w czytelnej postaci. Zachowujemy jego odcisk, który potrafi obliczyć tylko ten system.
privacy-pay-record = Zachowujemy to, czego wymaga płatność: kwotę, czas, sklep, numery seryjne voucherów i numer klienta podany nam przez sklep.
privacy-pay-address = Przy płatności zapisujemy adres sieciowy, z którego najpierw otwarto jej stronę. Sklep go widzi i używa przeciw oszustwom.
privacy-pay-behaviour = W ochronie przed oszustwami strona płatności zapisuje, jak długo na niej jesteś, czy PIN wpisano czy wklejono, rytm klawiszy (nigdy które) i czy przeglądarką steruje program. Przechowujemy to z próbą płatności i adresem sieciowym i nie używamy do niczego innego.
privacy-pay-kept = To księga rachunkowa: niczego się w niej później nie zmienia ani nie usuwa, a jedynie prostuje kolejnym zapisem. Jak długo jest przechowywana, określają przepisy o rachunkowości.
privacy-pay-shop = Sklep dowiaduje się, że zapłacono, ile, oraz numery seryjne i kraj voucherów. Nie poznaje kodu PIN ani tego, ile zostało na voucherze.
privacy-freeze = Gdy blokujesz voucher
privacy-freeze-text = Porównujemy wpisane dane z zapisem sprzedaży i zachowujemy czas blokady. Nie pytamy o nazwisko.
error-not-found-title = Nie ma takiej strony
error-not-found-text = Adres może być błędny lub stary.
error-forbidden-title = Ten formularz przyszedł z innej strony
error-forbidden-text = Dla Twojej ochrony przyjmujemy formularze tylko z naszych stron. Otwórz stronę ponownie i powtórz czynność. Nic nie zmieniono.
error-request-title = Nie udało się tego odczytać
error-request-text = Formularz dotarł niepełny. Wróć, załaduj stronę ponownie i powtórz czynność. Nic nie zmieniono.
error-limit-title = Zbyt wiele prób
error-limit-text = Dla ochrony wszystkich voucherów spowalniamy błędne kody PIN. Spróbuj ponownie za { $wait }. Twój voucher nie jest zablokowany i zachowuje wartość.
error-unavailable-title = Chwilowo jesteśmy niedostępni
error-unavailable-text = Spróbuj ponownie za kilka minut. Jeśli właśnie trwała płatność, nie zaczynaj drugiej: otwórz ten sam link i sprawdź, czy się udała.
error-home = Do strony głównej
error-back = Wróć i spróbuj ponownie
error-request-id = Prosząc o pomoc, podaj ten numer:
wait-seconds = { $count ->
    [one] jedną sekundę
    [few] { $count } sekundy
   *[many] { $count } sekund
}
wait-minutes = { $count ->
    [one] jedną minutę
    [few] { $count } minuty
   *[many] { $count } minut
}
privacy-letters = Gdy zostawiasz adres e-mail
privacy-letters-text = Przechowujemy go zaszyfrowany, piszemy na niego tylko o jego voucherze i nikomu go nie dajemy. Gdy go usuniesz albo voucher zostanie wykorzystany lub wygaśnie, nic więcej nie piszemy. Jego zaszyfrowana postać zostaje w księdze, w której niczego się nie usuwa; nikt jej nie otwiera.
