// French about mailbox mail, with the keys of en-mailbox.ts.
import type { MailboxWords } from './en-mailbox.ts';

export const frMailbox: MailboxWords = {
  seen: {
    off: 'désactivé',
    auto: 'Baton trouve de lui-même',
    associated: 'd’après le ticket auquel HubSpot l’a rattaché',
    fingerprint: 'd’après la vérification de la boîte',
    'auto: # of 3 mails seen that prove it':
      '# des 3 e-mails qu’il faut pour le prouver : envoyés à un contact ayant un seul ticket ouvert, et rattachés à aucun ticket par HubSpot',
    'auto: # of 3 mails seen that prove it, since a mail was put on several tickets at once':
      '# des 3 e-mails qu’il faut pour le prouver, depuis qu’un e-mail a été rattaché à plusieurs tickets à la fois',
    'auto: # of 3 mails seen that prove it, since something other than the sender put a mail on a ticket':
      '# des 3 e-mails qu’il faut pour le prouver, depuis qu’un e-mail a été rattaché à un ticket par autre chose que son expéditeur',
    'auto: # of 3 mails seen that prove it, since the check found mail of the contact record on a ticket':
      '# des 3 e-mails qu’il faut pour le prouver, depuis que la vérification a trouvé sur un ticket un e-mail de la fiche du contact',
    'auto: the last # mails are all on a ticket, so the proof is in doubt':
      'incertain : chacun des # derniers e-mails est sur un ticket, HubSpot les y rattache peut-être de lui-même',
    'auto: proven by # mails':
      'prouvé par # e-mails à des contacts ayant un seul ticket ouvert : HubSpot n’en a rattaché aucun de lui-même',
    'auto: proven by the check': 'prouvé par la vérification de la boîte',
    'fingerprint: by the check': 'd’après ce que la vérification de la boîte a trouvé',
    'fingerprint: no check has found one': 'aucune vérification n’a montré comment les distinguer',
    'fingerprint: in doubt, since a mail that looks sent from a ticket is on none':
      'incertain : un e-mail qui semble envoyé depuis un ticket n’est sur aucun ; merci de refaire la vérification',
    ticket: 'comme ceux envoyés depuis le ticket',
    contact: 'comme ceux envoyés depuis la fiche du contact',
    neither: 'comme aucun des deux',
    sender: 'l’expéditeur',
    other: 'quelqu’un ou quelque chose d’autre',
  },
  check: {
    title: 'Vérification de la boîte',
    lead: 'HubSpot ne dit pas sur quelle fiche un e-mail d’une boîte personnelle a été rédigé. Quatre e-mails d’essai montrent comment votre portail les traite. Il vous faut deux minutes, et à Baton une de plus.',
    back: 'Retour aux paramètres',
    knownTitle: 'Ce que Baton sait pour le moment',
    known: (why: string) => `Vu jusqu’ici : ${why}.`,
    counts: 'Ils comptent pour le ticket depuis lequel ils sont envoyés.',
    countsNot: 'Ils ne déplacent pas de ticket.',
    start: 'Commencer la vérification',
    again: 'Refaire la vérification',
    ticket: 'Numéro d’un ticket d’essai',
    ticketHint:
      'Créez dans HubSpot un ticket pour un contact dont vous pouvez lire les e-mails, vous-même par exemple. Le numéro est à la fin de l’adresse web du ticket ; vous pouvez aussi coller l’adresse entière. Le contact ne doit avoir aucun autre ticket ouvert.',
    faultTitle: 'La vérification n’a pas commencé',
    faults: {
      number: 'Saisissez le numéro d’un ticket, ou collez l’adresse web de sa page dans HubSpot.',
      gone: 'HubSpot ne connaît aucun ticket de ce numéro.',
      closed:
        'Ce ticket est fermé. HubSpot traite peut-être autrement les e-mails sur les tickets fermés : choisissez-en un qui est ouvert.',
      noContact: 'Ce ticket n’a aucun contact avec une adresse e-mail. Ajoutez-en un dans HubSpot.',
      otherOpen:
        'Le contact de ce ticket a d’autres tickets ouverts. HubSpot traite peut-être autrement ses e-mails : choisissez un contact qui n’a que ce ticket ouvert.',
      unreadable: 'HubSpot ne répond pas comme il faut pour le moment. Réessayez dans quelques minutes.',
    },
    runningTitle: 'Envoyez maintenant quatre e-mails depuis HubSpot',
    steps: (contactSubject, ticketSubject) => [
      'Envoyez avec votre propre boîte connectée, pas avec l’adresse de l’équipe. Laissez les fiches associées comme HubSpot les propose.',
      `Ouvrez le ticket. Écrivez un e-mail à son contact, avec l’objet : ${ticketSubject}`,
      `Ouvrez le contact. Écrivez un e-mail depuis sa fiche, avec l’objet : ${contactSubject}`,
      'Faites les deux encore une fois, pour ne rien laisser au hasard.',
    ],
    openTicket: 'Ouvrir le ticket dans HubSpot',
    openContact: 'Ouvrir le contact dans HubSpot',
    arrivedTitle: 'Ce qui est arrivé',
    arrived: (fromTicket, fromContact) =>
      `${fromTicket} sur 2 depuis le ticket, ${fromContact} sur 2 depuis la fiche du contact.`,
    settling:
      'Tous sont là. Baton attend que le dernier ait une minute, au cas où HubSpot le rattacherait encore à un ticket.',
    unreadable: 'HubSpot ne répond pas comme il faut pour le moment. Baton continue de regarder.',
    look: 'Regarder à nouveau',
    cancel: 'Arrêter la vérification',
    mail: 'e-mail',
    tickets: 'sur les tickets :',
    origins: { ticket: 'Depuis le ticket', contact: 'Depuis la fiche du contact' },
    none: 'aucun',
    resultTitle: (when) => `Résultat du ${when}`,
    results: {
      apart:
        'Votre portail les sépare : ce qui est envoyé depuis le ticket est sur le ticket, ce qui est envoyé depuis la fiche du contact n’est sur aucun. Avec « Laisser Baton trouver », les e-mails envoyés depuis le ticket comptent désormais.',
      mixed:
        'HubSpot rattache de lui-même à un ticket les e-mails rédigés sur la fiche du contact. Un rattachement ne dit donc rien, et avec « Laisser Baton trouver » ces e-mails ne déplacent pas de ticket.',
      unclear:
        'Un e-mail envoyé depuis le ticket n’est pas sur ce seul ticket ; un rattachement ne dit donc rien. Regardez les associations des activités dans HubSpot, puis refaites la vérification.',
    },
    fingerprint: (names) =>
      `Les deux diffèrent par ce que HubSpot enregistre avec eux (${names}). « Selon la vérification de la boîte » peut être choisi dans les paramètres.`,
    noFingerprint: 'Hormis les tickets, rien de ce que HubSpot enregistre avec eux ne les distingue.',
    evidence: 'Les e-mails de cette vérification',
  },
};
