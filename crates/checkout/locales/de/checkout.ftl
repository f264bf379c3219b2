checkout-title = { $amount } an { $shop } zahlen
checkout-you-pay = Sie zahlen
checkout-to-shop = an { $shop }
checkout-open-until = Offen bis
checkout-time-left = Restzeit
checkout-time-warning = Sie haben noch zwei Minuten zum Zahlen.
checkout-first-pin = Geben Sie die PIN Ihres Gutscheins ein
checkout-next-pin = Geben Sie die nächste PIN ein
checkout-vouchers = Ihre Gutscheine
checkout-voucher = Gutschein …{ $digits }
checkout-remove = Gutschein mit Endziffern { $digits } entfernen
checkout-still-to-pay = Noch zu zahlen
checkout-covered = Ihre Gutscheine decken den ganzen Betrag.
checkout-added = Hinzugefügt. Noch zu zahlen: { $amount }.
checkout-pay = { $amount } zahlen
checkout-reassurance = Nichts wird abgebucht, bevor Sie auf „Zahlen“ drücken. Was übrig ist, bleibt auf Ihrem Gutschein.
checkout-cancel = Zahlung abbrechen
checkout-advice = So bleibt Ihre PIN sicher
checkout-advice-cash = Eine PIN ist wie Bargeld: Wer sie kennt, kann sie ausgeben.
checkout-advice-secret = Nennen Sie sie niemandem am Telefon, im Chat oder per E-Mail.
checkout-advice-fraud = Niemand Ehrliches verlangt Schulden, Gebühren oder Gewinne per Gutschein-PIN.
checkout-already-entered = Diese PIN haben Sie schon eingegeben. Geben Sie eine andere ein.
checkout-other-currency = Dieser Gutschein lautet auf { $voucher }, der Händler verlangt { $payment }. Nehmen Sie einen Gutschein in { $payment }.
checkout-other-country = Dieser Händler nimmt nur Gutscheine aus { $country } an. Nehmen Sie einen anderen Gutschein.
checkout-voucher-stopped = Der Herausgeber prüft diesen Gutschein; bis dahin kann er nicht bezahlen. Nehmen Sie einen anderen Gutschein oder fragen Sie den Herausgeber.
checkout-account-required = Dieser Händler verlangt ein geprüftes Konto, das ein Gutschein allein nicht hat. Gehen Sie zurück zum Händler und wählen Sie eine andere Zahlungsart.
checkout-too-many = Eine Zahlung nimmt höchstens zehn PINs an. Entfernen Sie eine, um eine andere hinzuzufügen.
checkout-balance-changed = Der Wert eines Gutscheins hat sich inzwischen geändert. Prüfen Sie die neuen Beträge, bevor Sie zahlen.
checkout-not-covered = Diese PINs decken den Betrag noch nicht. Fügen Sie eine weitere hinzu.
checkout-tries-left = { $count ->
    [one] Noch eine falsche PIN, und diese Zahlung wird abgebrochen.
   *[other] Nach { $count } weiteren falschen PINs wird diese Zahlung abgebrochen.
}
challenge-heading = Noch eine Prüfung
challenge-text = Geben Sie die Seriennummer ein, die auf Ihrem Gutschein steht: 16 Ziffern, nicht die PIN.
challenge-serial = Seriennummer mit den letzten Ziffern { $digits }
challenge-scam-heading = Fordert Sie jemand auf zu zahlen?
challenge-scam-text = Keine Bank, keine Behörde, kein Arbeitgeber und kein Techniker nimmt Gutscheine. Wenn Ihnen jemand am Telefon oder im Chat gesagt hat, dass Sie hier zahlen sollen, ist es Betrug: Legen Sie auf und brechen Sie die Zahlung ab. Ihr Geld bleibt auf dem Gutschein.
challenge-wait = Damit Sie in Ruhe nachdenken können, geht es in { $seconds } Sekunden weiter.
challenge-too-early = Bitte warten Sie, bis die Bedenkzeit vorbei ist, und machen Sie dann weiter.
challenge-wrong = { $count ->
    [one] Das ist nicht die Seriennummer. Nach einer weiteren falschen Antwort wird die Zahlung abgebrochen.
   *[other] Das ist nicht die Seriennummer. Nach { $count } weiteren falschen Antworten wird die Zahlung abgebrochen.
}
