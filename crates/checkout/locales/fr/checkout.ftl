checkout-title = Payer { $amount } à { $shop }
checkout-you-pay = Vous payez
checkout-to-shop = à { $shop }
checkout-open-until = Ouvert jusqu’à
checkout-time-left = Temps restant
checkout-time-warning = Il vous reste deux minutes pour payer.
checkout-first-pin = Saisissez le code PIN de votre bon
checkout-next-pin = Saisissez le code PIN suivant
checkout-vouchers = Vos bons
checkout-voucher = Bon …{ $digits }
checkout-remove = Retirer le bon se terminant par { $digits }
checkout-still-to-pay = Reste à payer
checkout-covered = Vos bons couvrent la totalité du montant.
checkout-added = Ajouté. Reste à payer : { $amount }.
checkout-pay = Payer { $amount }
checkout-reassurance = Rien n’est débité avant que vous appuyiez sur « Payer ». Ce qui n’est pas utilisé reste sur votre bon.
checkout-cancel = Annuler le paiement
checkout-advice = Protégez votre code PIN
checkout-advice-cash = Un code PIN, c’est comme de l’argent liquide : qui le connaît peut le dépenser.
checkout-advice-secret = Ne le communiquez à personne par téléphone, messagerie ou e-mail.
checkout-advice-fraud = Personne d’honnête ne réclame dettes, frais ou gains par code PIN de bon.
checkout-already-entered = Vous avez déjà saisi ce code PIN. Saisissez-en un autre.
checkout-other-currency = Ce bon est en { $voucher }, mais le marchand demande { $payment }. Utilisez un bon en { $payment }.
checkout-other-country = Ce marchand n’accepte que les bons de ce pays : { $country }. Utilisez un autre bon.
checkout-voucher-stopped = L’émetteur vérifie ce bon ; il ne peut pas payer d’ici là. Utilisez un autre bon ou contactez l’émetteur.
checkout-account-required = Ce marchand demande un compte vérifié, ce qu’un bon seul ne donne pas. Retournez chez le marchand et choisissez un autre moyen de paiement.
checkout-too-many = Un paiement accepte dix codes PIN au plus. Retirez-en un pour en ajouter un autre.
checkout-balance-changed = La valeur d’un bon a changé entre-temps. Vérifiez les nouveaux montants avant de payer.
checkout-not-covered = Ces codes PIN ne couvrent pas encore le montant. Ajoutez-en un autre.
checkout-tries-left = { $count ->
    [one] Encore un code PIN erroné et ce paiement sera annulé.
   *[other] Après { $count } autres codes PIN erronés, ce paiement sera annulé.
}
challenge-heading = Encore une vérification
challenge-text = Saisissez le numéro de série imprimé sur votre bon : 16 chiffres, pas le code PIN.
challenge-serial = Numéro de série se terminant par { $digits }
challenge-scam-heading = Quelqu’un vous demande de payer ?
challenge-scam-text = Aucune banque, administration ou entreprise et aucun technicien n’accepte de bons. Si quelqu’un au téléphone ou dans une messagerie vous a dit de payer ici, c’est une fraude : raccrochez et annulez ce paiement. Votre argent reste sur le bon.
challenge-wait = Pour vous laisser le temps de réfléchir, vous pourrez continuer dans { $seconds } secondes.
challenge-too-early = Attendez la fin du temps de réflexion, puis continuez.
challenge-wrong = { $count ->
    [one] Ce n’est pas le numéro de série. Une autre mauvaise réponse annule le paiement.
   *[other] Ce n’est pas le numéro de série. Après { $count } autres mauvaises réponses, le paiement est annulé.
}
