result-paid-title = Paiement reçu
result-paid-text = Vous avez payé { $amount } à { $shop }.
result-paid-vouchers = Détail de votre paiement
result-voucher-left = reste { $amount }
result-continue = Retour à { $shop }
result-continue-in = Retour au marchand dans
result-seconds = secondes.
result-stay = Rester ici
result-cancelled-title = Paiement annulé
result-cancelled-text = Rien n’a été débité de vos bons.
result-expired-title = Le délai de paiement est écoulé
result-expired-text = Rien n’a été débité de vos bons. Retournez chez le marchand et recommencez.
result-closed-title = Ce paiement est déjà terminé
result-closed-text = Il n’y a plus rien à payer ici.
result-tries-title = Trop de codes PIN erronés
result-tries-text = Pour protéger tous les bons, ce paiement n’accepte plus de code PIN. Rien n’a été débité. Retournez chez le marchand et recommencez.
result-risky-title = Ce paiement a été arrêté
result-risky-text = Notre protection contre la fraude ne l’a pas laissé passer. Rien n’a été pris sur vos bons. Si c’était bien vous, contactez l’émetteur avec votre bon sous la main.
result-unproven-title = Trop de mauvaises réponses
result-unproven-text = Pour protéger le propriétaire du bon, ce paiement a été annulé. Rien n’a été pris. Retournez à la boutique et recommencez.
result-refused-title = Ce paiement a été refusé
result-refused-text = Une personne l’a vérifié et refusé. Rien n’a été pris sur vos bons. Contactez l’émetteur si vous avez des questions.
result-review-title = Votre paiement est en cours de vérification
result-review-text = Une personne l’examine, au plus tard jusqu’à { $time }. Le montant est réservé. La boutique saura aussitôt ce qu’il en est ; sinon, tout revient sur vos bons.
result-frozen = { $count ->
    [one] Votre bon est bloqué
   *[other] Vos bons sont bloqués
}
result-frozen-text = { $count ->
    [one] Plus personne ne peut payer avec ce bon tant que l’émetteur ne l’a pas débloqué. Sa valeur y reste et ne risque rien.
   *[other] Plus personne ne peut payer avec les { $count } bons que vous avez saisis tant que l’émetteur ne les a pas débloqués. Leur valeur y reste et ne risque rien.
}
result-frozen-release = Pour le déblocage, contactez l’émetteur ; son adresse figure sur le reçu. Ayez sous la main le numéro de série, le reçu et la référence. L’émetteur demande comment vous avez obtenu le bon, et débloque ce qui est à vous.
result-scam-text = Aucune banque, administration ou entreprise et aucun technicien n’accepte de bons. Si quelqu’un au téléphone ou dans une messagerie vous a dit de payer ici, c’est une fraude : raccrochez, ne donnez plus aucun PIN et prévenez l’émetteur.
notes-issuer = L’émetteur ajoute
