home-title = Online zahlen mit Gutschein
home-heading = Online zahlen. Ohne Bankkonto.
home-lead = Kaufen Sie einen Scrip-Gutschein gegen Bargeld und geben Sie beim Zahlen seine 16-stellige PIN ein. Keine Karte, kein Konto, kein Name.
home-sample = Gutschein
home-steps = So geht es
home-step-buy = Kaufen Sie einen Gutschein im Laden oder am Kiosk.
home-step-choose = Wählen Sie beim Zahlen im Internet Scrip.
home-step-pay = Geben Sie die PIN ein. Was übrig ist, bleibt auf dem Gutschein.
home-links = Was möchten Sie tun?
home-balance = Guthaben prüfen
home-balance-text = Was übrig ist und was gezahlt wurde.
home-freeze = Gutschein sperren
home-freeze-text = Verloren oder gestohlen? Sofort stoppen.
home-shops = Scrip im eigenen Shop annehmen
home-shops-text = Die Programmierschnittstelle, mit Beispielen.
home-privacy = Datenschutz
home-privacy-text = Was wir über Sie wissen: fast nichts.
privacy-title = Datenschutz
privacy-lead = Mit Scrip zahlen Sie, ohne uns zu sagen, wer Sie sind. Hier steht, was wir speichern und was nicht.
privacy-page = Wenn Sie eine Seite öffnen
privacy-page-third = Die Seiten kommen allein von diesem Server. Sie laden nichts von anderen Firmen: keine Statistik, keine Werbung, keine Schriften.
privacy-page-cookie = Höchstens zwei Cookies, beide nur von uns: Eines merkt sich ein Jahr lang die Sprache, die Sie wählen; das andere sagt auf der Zahlungsseite 90 Tage lang, dass dieser Browser schon einmal hier war. Mehr steht nicht darin, und niemand sonst kann es lesen.
privacy-page-log = Die Seite des öffentlichen Logbuchs merkt sich in Ihrem Browser den letzten Stand, den sie für gut befunden hat, und eine Richtlinie, falls Sie eine eingeben. Beides bleibt dort.
privacy-page-address = Um Leute zu bremsen, die PINs raten, zählen wir falsche PINs je Netzwerkadresse. Die Zählung ist nach Stunden vergessen. Dass bei einer Zahlung eine falsche PIN eingegeben wurde, bleibt mit der Adresse bei dieser Zahlung vermerkt; die PIN nicht.
privacy-pay = Wenn Sie zahlen
privacy-pay-pin = Ihre PIN wird nie lesbar gespeichert. Wir bewahren einen Fingerabdruck auf, den nur dieses System berechnen kann.
privacy-pay-record = Wir bewahren auf, was eine Zahlung braucht: Betrag, Zeit, Händler, die Seriennummern der Gutscheine und die Kundennummer, die uns der Händler gab.
privacy-pay-address = Zur Zahlung speichern wir die Netzwerkadresse, von der ihre Seite zuerst geöffnet wurde. Der Händler kann sie sehen und nutzt sie gegen Betrug.
privacy-pay-behaviour = Gegen Betrug merkt sich die Zahlungsseite, wie lange Sie dort waren, ob die PIN getippt oder eingefügt wurde, den Rhythmus der Tasten (nie, welche) und ob ein Programm den Browser steuert. Das bleibt beim Zahlungsversuch gespeichert, zusammen mit der Netzadresse, und dient nur diesem Zweck.
privacy-pay-kept = Das ist ein Kassenbuch: Nichts darin wird nachträglich geändert oder gelöscht, nur durch spätere Einträge berichtigt. Wie lange es aufbewahrt wird, sagt das Gesetz über die Buchführung.
privacy-pay-shop = Der Händler erfährt, dass Sie gezahlt haben, wie viel, und die Seriennummern und das Land der Gutscheine. Eine PIN erfährt er nie, auch nicht, was auf einem Gutschein übrig ist.
privacy-freeze = Wenn Sie einen Gutschein sperren
privacy-freeze-text = Wir vergleichen Ihre Angaben mit dem Beleg des Verkaufs und bewahren den Zeitpunkt der Sperre auf. Nach Ihrem Namen fragen wir nicht.
error-not-found-title = Diese Seite gibt es nicht
error-not-found-text = Vielleicht ist die Adresse vertippt oder alt.
error-forbidden-title = Dieses Formular kam von einer anderen Website
error-forbidden-text = Zu Ihrem Schutz nehmen wir Formulare nur von unseren eigenen Seiten an. Öffnen Sie die Seite neu und wiederholen Sie Ihre Eingabe. Es wurde nichts geändert.
error-request-title = Das konnten wir nicht lesen
error-request-text = Das Formular kam unvollständig an. Gehen Sie zurück, laden Sie die Seite neu und wiederholen Sie Ihre Eingabe. Es wurde nichts geändert.
error-limit-title = Zu viele Versuche
error-limit-text = Zum Schutz aller Gutscheine bremsen wir falsche PINs. Versuchen Sie es in { $wait } wieder. Ihr Gutschein ist nicht gesperrt und behält seinen Wert.
error-unavailable-title = Wir sind gerade nicht erreichbar
error-unavailable-text = Versuchen Sie es in ein paar Minuten wieder. Falls Sie gerade zahlten, beginnen Sie keine zweite Zahlung: Öffnen Sie denselben Link noch einmal und sehen Sie nach, ob es geklappt hat.
error-home = Zur Startseite
error-back = Zurück und noch einmal versuchen
error-request-id = Falls Sie um Hilfe bitten, nennen Sie diese Nummer:
wait-seconds = { $count ->
    [one] einer Sekunde
   *[other] { $count } Sekunden
}
wait-minutes = { $count ->
    [one] einer Minute
   *[other] { $count } Minuten
}
privacy-letters = Wenn Sie eine E-Mail-Adresse hinterlassen
privacy-letters-text = Wir bewahren sie verschlüsselt auf, schreiben an sie nur über ihren Gutschein und geben sie niemandem. Wenn Sie sie entfernen oder der Gutschein aufgebraucht ist oder endet, wird nichts mehr geschrieben. Ihre verschlüsselte Form bleibt im Kassenbuch, in dem nichts gelöscht wird; niemand öffnet sie.
