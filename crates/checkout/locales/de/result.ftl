result-paid-title = Zahlung eingegangen
result-paid-text = Sie haben { $amount } an { $shop } gezahlt.
result-paid-vouchers = So haben Sie gezahlt
result-voucher-left = { $amount } übrig
result-continue = Zurück zu { $shop }
result-continue-in = Zurück zum Händler in
result-seconds = Sekunden.
result-stay = Hier bleiben
result-cancelled-title = Zahlung abgebrochen
result-cancelled-text = Von Ihren Gutscheinen wurde nichts abgebucht.
result-expired-title = Die Zeit zum Zahlen ist abgelaufen
result-expired-text = Von Ihren Gutscheinen wurde nichts abgebucht. Gehen Sie zurück zum Händler und beginnen Sie neu.
result-closed-title = Diese Zahlung ist schon abgeschlossen
result-closed-text = Hier ist nichts mehr zu zahlen.
result-tries-title = Zu viele falsche PINs
result-tries-text = Zum Schutz aller Gutscheine nimmt diese Zahlung keine PIN mehr an. Es wurde nichts abgebucht. Gehen Sie zurück zum Händler und beginnen Sie neu.
result-risky-title = Diese Zahlung wurde angehalten
result-risky-text = Unser Schutz gegen Betrug hat sie nicht durchgelassen. Von Ihren Gutscheinen wurde nichts genommen. Wenn wirklich Sie es waren, wenden Sie sich mit dem Gutschein in der Hand an den Herausgeber.
result-unproven-title = Zu viele falsche Antworten
result-unproven-text = Zum Schutz des Besitzers wurde die Zahlung abgebrochen. Es wurde nichts genommen. Gehen Sie zurück zum Shop und beginnen Sie neu.
result-refused-title = Diese Zahlung wurde abgelehnt
result-refused-text = Jemand hat sie geprüft und abgelehnt. Von Ihren Gutscheinen wurde nichts genommen. Wenden Sie sich bei Fragen an den Herausgeber.
result-review-title = Ihre Zahlung wird geprüft
result-review-text = Jemand sieht sie sich an, spätestens bis { $time }. Der Betrag ist reserviert. Der Shop erfährt sofort, was daraus wird; wird nichts daraus, geht alles auf Ihre Gutscheine zurück.
result-frozen = { $count ->
    [one] Ihr Gutschein ist gesperrt
   *[other] Ihre Gutscheine sind gesperrt
}
result-frozen-text = { $count ->
    [one] Niemand kann damit zahlen, bis der Herausgeber ihn freigibt. Sein Wert bleibt darauf und ist sicher.
   *[other] Niemand kann mit den { $count } Gutscheinen zahlen, die Sie eingegeben haben, bis der Herausgeber sie freigibt. Ihr Wert bleibt darauf und ist sicher.
}
result-frozen-release = Für die Freigabe wenden Sie sich an den Herausgeber; seine Adresse steht auf dem Beleg. Halten Sie Seriennummer, Beleg und Aktenzeichen bereit. Der Herausgeber fragt, wie Sie zu dem Gutschein gekommen sind, und gibt frei, was Ihnen gehört.
result-scam-text = Keine Bank, keine Behörde, kein Arbeitgeber und kein Techniker nimmt Gutscheine. Wenn Ihnen jemand am Telefon oder im Chat gesagt hat, dass Sie hier zahlen sollen, ist es Betrug: Legen Sie auf, geben Sie keine weitere PIN heraus und melden Sie sich beim Herausgeber.
notes-issuer = Der Herausgeber ergänzt
