home-title = Payer en ligne avec un bon
home-heading = Payer en ligne. Sans compte bancaire.
home-lead = Achetez un bon Scrip en espèces, saisissez son code PIN à 16 chiffres au moment de payer, et voilà. Ni carte, ni compte, ni nom.
home-sample = Bon
home-steps = Comment ça marche
home-step-buy = Achetez un bon en magasin ou en kiosque.
home-step-choose = Choisissez Scrip au moment de payer en ligne.
home-step-pay = Saisissez le code PIN. Le reste demeure sur le bon.
home-links = Que souhaitez-vous faire ?
home-balance = Consulter un solde
home-balance-text = Ce qui reste, et ce qui a été payé.
home-freeze = Bloquer un bon
home-freeze-text = Perdu ou volé ? Arrêtez-le tout de suite.
home-shops = Accepter Scrip dans votre boutique
home-shops-text = L’interface de programmation, avec des exemples.
home-privacy = Confidentialité
home-privacy-text = Ce que nous savons de vous : presque rien.
privacy-title = Confidentialité
privacy-lead = Avec Scrip, vous payez sans nous dire qui vous êtes. Voici ce que nous conservons, et ce que nous ne conservons pas.
privacy-page = Quand vous ouvrez une page
privacy-page-third = Les pages viennent de ce seul serveur. Elles ne chargent rien d’autres entreprises : ni statistiques, ni publicité, ni polices.
privacy-page-cookie = Deux cookies au plus, tous deux les nôtres : l’un retient pendant un an la langue que vous choisissez ; l’autre indique pendant 90 jours, sur la page de paiement, que ce navigateur est déjà venu. Il ne dit rien d’autre, et personne d’autre ne peut le lire.
privacy-page-log = La page du registre public garde dans votre navigateur le dernier état du registre qu’elle a jugé bon, et une politique si vous en saisissez une. Les deux y restent.
privacy-page-address = Pour freiner ceux qui devinent des codes PIN, nous comptons les codes erronés par adresse réseau. Ce compte s’efface en quelques heures. Qu’un code erroné a été saisi pour un paiement reste noté avec ce paiement et l’adresse ; le code, non.
privacy-pay = Quand vous payez
privacy-pay-pin = Votre code PIN n’est jamais conservé sous forme lisible. Nous en gardons une empreinte que seul ce système sait calculer.
privacy-pay-record = Nous gardons ce qu’exige un paiement : le montant, l’heure, le marchand, les numéros de série des bons et le numéro de client que le marchand nous a donné.
privacy-pay-address = Avec le paiement, nous conservons l’adresse réseau depuis laquelle sa page a été ouverte en premier. Le marchand peut la voir et s’en sert contre la fraude.
privacy-pay-behaviour = Contre la fraude, la page de paiement note combien de temps vous y êtes resté, si le code PIN a été tapé ou collé, le rythme des touches (jamais lesquelles) et si un programme pilote le navigateur. Nous le gardons avec la tentative de paiement et l’adresse réseau, et ne l’utilisons à rien d’autre.
privacy-pay-kept = C’est un livre de comptes : rien n’y est modifié ni effacé après coup, seulement corrigé par une écriture ultérieure. La loi sur la comptabilité dit combien de temps il est conservé.
privacy-pay-shop = Le marchand apprend que vous avez payé, combien, ainsi que les numéros de série et le pays des bons. Il n’apprend jamais un code PIN, ni ce qui reste sur un bon.
privacy-freeze = Quand vous bloquez un bon
privacy-freeze-text = Nous comparons vos indications à l’enregistrement de la vente et gardons l’heure du blocage. Nous ne demandons pas votre nom.
error-not-found-title = Cette page n’existe pas
error-not-found-text = L’adresse est peut-être mal saisie ou ancienne.
error-forbidden-title = Ce formulaire venait d’un autre site
error-forbidden-text = Pour vous protéger, nous n’acceptons que les formulaires de nos propres pages. Rouvrez la page et recommencez. Rien n’a été modifié.
error-request-title = Nous n’avons pas pu lire cela
error-request-text = Le formulaire est arrivé incomplet. Revenez en arrière, rechargez la page et recommencez. Rien n’a été modifié.
error-limit-title = Trop de tentatives
error-limit-text = Pour protéger tous les bons, nous freinons les codes PIN erronés. Réessayez dans { $wait }. Votre bon n’est pas bloqué et garde sa valeur.
error-unavailable-title = Nous ne sommes pas disponibles pour l’instant
error-unavailable-text = Réessayez dans quelques minutes. Si vous étiez en train de payer, ne lancez pas un second paiement : rouvrez le même lien et voyez s’il a abouti.
error-home = Vers l’accueil
error-back = Retour, pour réessayer
error-request-id = Si vous demandez de l’aide, donnez ce numéro :
wait-seconds = { $count ->
    [one] une seconde
   *[other] { $count } secondes
}
wait-minutes = { $count ->
    [one] une minute
   *[other] { $count } minutes
}
privacy-letters = Si vous laissez une adresse e-mail
privacy-letters-text = Nous la gardons chiffrée, nous n’y écrivons qu’au sujet de son bon et ne la donnons à personne. Quand vous la retirez, ou que le bon est épuisé ou prend fin, plus rien n’est écrit. Sa forme chiffrée reste dans le livre de comptes, où rien n’est effacé ; personne ne l’ouvre.
