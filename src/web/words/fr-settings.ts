// French of the settings page, with the keys of en-settings.ts.
import type { Words } from './en.ts';

export const frSettings: Words['settings'] = {
  title: 'Paramètres',
  pipelines: 'Pipelines',
  rulesOf: (pipeline) => `Règles pour « ${pipeline} »`,
  rulesLead:
    'Le statut dit à qui c’est le tour. Choisissez ce qui se passe quand une conversation commence, quand un e-mail part et quand une réponse arrive.',
  switchedOn: (count) => (count === 1 ? '1 règle activée' : `${count} règles activées`),
  creation: 'Quand une nouvelle conversation arrive',
  createIn: 'créer un ticket avec le statut',
  creationHint: 'Un seul ticket par conversation, avec l’expéditeur comme contact.',
  accountsLegend: 'À ces adresses',
  accountsAll: 'Toutes les adresses e-mail',
  accountsSome: 'Seulement celles-ci :',
  accountTaken: (pipeline) => `crée déjà des tickets dans « ${pipeline} »`,
  accountChannelOff: 'ce canal est désactivé plus bas, il ne se passe donc rien ici',
  noAccounts:
    'Ce portail n’a aucune adresse connectée à la boîte de réception des conversations ou au service d’assistance.',
  accountsUnreadable:
    'Baton ne peut pas lire vos adresses dans HubSpot pour le moment. Ce qui est choisi reste tel quel.',
  graceSeconds: 'Secondes à attendre un ticket que HubSpot crée lui-même',
  graceHint:
    'Une conversation qui a son ticket d’ici là est laissée telle quelle, pour qu’aucune n’en ait deux. De 0 à 3600 ; 60 est un bon choix.',
  hubspotCreates: (count) =>
    count === 1
      ? 'HubSpot a créé lui-même le ticket d’une des dernières conversations ; Baton n’y a donc pas touché. Cette règle n’a d’effet que là où celle de HubSpot est désactivée (paramètres HubSpot : boîte de réception ou service d’assistance, et automatisation de ce pipeline).'
      : `HubSpot a créé lui-même les tickets de ${count} des dernières conversations ; Baton n’y a donc pas touché. Cette règle n’a d’effet que là où celle de HubSpot est désactivée (paramètres HubSpot : boîte de réception ou service d’assistance, et automatisation de ce pipeline).`,
  outgoing: 'Quand nous écrivons au contact depuis le ticket',
  moveTo: 'le passer à',
  outgoingHint: 'Un e-mail envoyé depuis la fiche du contact ne compte pas.',
  incoming: 'Quand le contact répond sur le fil à partir duquel le ticket a été créé',
  incomingHint: 'Un autre e-mail de ce contact ne compte pas, ni un message d’absence.',
  more: 'Plus d’options',
  chooseStage: 'Choisissez un statut',
  goneStage: (stageId) => `Statut ${stageId}, absent de HubSpot`,
  goneAccount: (accountId) => `Adresse ${accountId}, absente de HubSpot`,
  unnamedUser: (id) => `utilisateur ${id}`,
  unnamedAccount: (id) => `adresse ${id}`,
  unnamedChannel: (id) => `Canal ${id}`,
  channelNames: {
    '1000': 'Chat en direct',
    '1001': 'Facebook Messenger',
    '1002': 'E-mail',
    '1003': 'Formulaires',
    '1004': 'Portail client',
    '1007': 'WhatsApp',
    '1009': 'SMS',
    '1010': 'Instagram',
  },
  fromLegend: 'À partir de quel statut ?',
  fromAny: 'De n’importe quel statut',
  fromSome: 'Seulement à partir de :',
  sendersLegend: 'Quelles réponses comptent ?',
  sendersAny: 'Celles de tous sur le fil, personnes en copie comprises',
  sendersContacts: 'Seulement celles des contacts du ticket',
  closedLegend: 'Quand le ticket est déjà fermé',
  closedAlways: 'Une réponse le rouvre toujours',
  closedWithin: 'Une réponse le rouvre pendant ce nombre de jours après la fermeture :',
  closedDays: 'Jours après la fermeture',
  closedNever: 'Une réponse ne le rouvre jamais',
  otherwiseLegend: 'Quand une réponse ne le rouvre pas',
  otherwiseNewTicket: 'Créer un nouveau ticket pour la réponse, lié au ticket fermé',
  otherwiseLeave: 'Tout laisser tel quel',
  stagesTitle: 'Quand un ticket arrive à un statut',
  stagesLead:
    'Ces actions s’exécutent une fois à chaque arrivée d’un ticket au statut, de haut en bas. Un échec n’empêche pas la suivante. Le contact reçoit au plus un e-mail : un second ne part que si le premier n’a pas pu partir.',
  closedStage: 'fermé',
  noActions: 'Rien ne se passe ici.',
  addAction: 'Ajouter une action',
  addActionTo: (stage) => `Ajouter une action pour les tickets qui arrivent à ${stage}`,
  fullStage: 'Ce statut a 20 actions, le maximum.',
  general: 'Pour tout le portail',
  stopTitle: 'Arrêter ou essayer',
  paused: 'Mettre Baton en pause',
  pausedHint: 'Baton décide et note, mais ne change rien. Ce qui arrive pendant la pause n’est pas rattrapé ensuite.',
  shadow: 'Essayer : décider et noter, ne rien changer',
  shadowHint: 'La page d’activité montre alors ce que Baton aurait fait. HubSpot reste tel quel.',
  channelsTitle: 'Canaux',
  channelsHint: 'Baton ne tient compte que des messages de ces canaux. Les règles sont les mêmes pour chacun.',
  mailboxTitle: 'E-mails des boîtes personnelles',
  mailboxHint:
    'Certaines personnes écrivent depuis leur propre boîte connectée à HubSpot, et non depuis l’adresse de l’équipe. HubSpot ne dit pas sur quelle fiche un tel e-mail a été rédigé.',
  mailbox: {
    off: 'Ils ne déplacent jamais un ticket',
    associated: 'Ils comptent si HubSpot les a rattachés à un seul ticket au moment de l’envoi',
    auto: 'Laisser Baton trouver',
    fingerprint: 'Selon la vérification de la boîte',
  },
  mailboxDetail: {
    off: 'Le choix sûr. Les e-mails de l’adresse de l’équipe ne sont pas concernés.',
    associated:
      'À choisir seulement si HubSpot ne rattache pas de lui-même à un ticket les e-mails rédigés sur la fiche du contact (paramètres HubSpot, associations des activités).',
    auto: 'Baton regarde ce que votre portail a fait jusqu’ici. Tant que cela ne prouve pas comment distinguer ces e-mails, ils ne déplacent jamais un ticket.',
    fingerprint: 'La vérification de votre portail a montré comment les distinguer.',
  },
  mailboxProven:
    'Ce que Baton a trouvé jusqu’ici : votre portail ne rattache pas de lui-même à un ticket les e-mails de la fiche du contact. Un e-mail rattaché à un seul ticket compte.',
  mailboxUnproven:
    'Ce que Baton a trouvé jusqu’ici : pas assez pour distinguer ces e-mails. Ils ne déplacent aucun ticket tant que Baton doit trouver.',
  mailboxCheck: 'Vérifier maintenant, en deux minutes',
  guardsTitle: 'Garde-fous',
  automaticReplies: 'Les messages d’absence et autres réponses automatiques ne comptent pas comme des réponses',
  automaticRepliesHint: 'Y compris les avis de non-remise et les réponses aux invitations d’agenda.',
  thanksKeepsClosed: 'Une réponse qui n’est qu’un remerciement laisse fermé un ticket fermé',
  thanksHint:
    'Par exemple « Merci, ça marche maintenant ! ». Une réponse qui pose aussi une question rouvre le ticket.',
  moves: 'Nombre maximal de changements automatiques par ticket en une heure',
  movesHint:
    'Au-delà, Baton laisse le ticket tranquille pendant une heure. Cela arrête deux automatisations qui se contrarient.',
  save: 'Enregistrer',
  saved: (version) => `Enregistré. C’est la version ${version}.`,
  unsaved: 'Des modifications ne sont pas enregistrées.',
  invalidTitle: 'Rien n’est encore enregistré. À revoir :',
  conflictTitle: 'Quelqu’un d’autre a enregistré entre-temps',
  conflict:
    'Rien de votre part n’a été enregistré. Rechargez la page pour voir les paramètres actuels, puis refaites vos modifications.',
  reload: 'Recharger les paramètres',
  pipelinesUnreadable:
    'Baton ne peut pas lire vos pipelines dans HubSpot pour le moment. Les règles ne peuvent pas être modifiées d’ici là ; tout le reste de cette page fonctionne.',
  pipelinesOld: (when) =>
    `HubSpot ne répond pas pour le moment. Les pipelines et les statuts affichés sont ceux du ${when}.`,
  noPipelines: 'Ce portail n’a aucun pipeline de tickets. Créez-en un dans HubSpot, puis rechargez cette page.',
  unknownPipeline: 'Ce pipeline n’existe pas (ou plus). Voici le premier.',
  troubleTitle: 'Certaines règles ne font rien, car ce qu’elles nomment n’existe plus dans HubSpot',
  gone: {
    newConversation: (pipeline, stageId) =>
      `${pipeline} : le statut des nouvelles conversations (numéro ${stageId}) n’existe plus.`,
    account: (pipeline, accountId) =>
      `${pipeline} : une adresse des nouvelles conversations (numéro ${accountId}) n’existe plus.`,
    outgoing: (pipeline, stageId) =>
      `${pipeline} : le statut pour « nous écrivons au contact » (numéro ${stageId}) n’existe plus.`,
    incoming: (pipeline, stageId) =>
      `${pipeline} : le statut pour « le contact répond » (numéro ${stageId}) n’existe plus.`,
    from: (pipeline, stageId) => `${pipeline} : une règle part d’un statut (numéro ${stageId}) qui n’existe plus.`,
    actions: (pipeline, stageId) =>
      `${pipeline} : des actions sont prévues pour un statut (numéro ${stageId}) qui n’existe plus.`,
    forget: (pipelineId) => `Retirer les règles du pipeline ${pipelineId}`,
    pipeline: (pipelineId) => `Le pipeline numéro ${pipelineId} n’existe plus. Ses règles ne font rien.`,
  },
  refusedTitle: 'HubSpot ne laisse pas Baton rechercher ce qui a pu lui échapper',
  refused: {
    messages: (when) => `Les messages des conversations (dernier refus : ${when}).`,
    emails: (when) => `Les e-mails (dernier refus : ${when}).`,
    entries: (when) => `Les tickets arrivés à un statut (dernier refus : ${when}).`,
    mailbox: (when) => `Les e-mails des 30 derniers jours, dont Baton tire ses leçons (dernier refus : ${when}).`,
  },
  refusedAdvice:
    'Baton agit toujours sur ce que HubSpot lui signale, mais ne peut pas rattraper ce que HubSpot ne lui a pas signalé. Le plus souvent, une autorisation manque : installez de nouveau Baton avec un compte qui la possède. Baton redemande toutes les heures.',
  rivalTitle: 'Une autre automatisation contrarie Baton',
  rival: (pipeline, stage, count, when) =>
    count === 1
      ? `${pipeline} : un ticket est passé à « ${stage} » juste après un message, sans que ce soit Baton ni une personne (${when}).`
      : `${pipeline} : ${count} tickets sont passés à « ${stage} » juste après un message, sans que ce soit Baton ni une personne (dernière fois : ${when}).`,
  rivalAdvice:
    'Baton s’efface alors. Le plus probable : l’automatisation de statut de HubSpot est activée pour ce pipeline. Gardez l’une des deux : dans les paramètres de HubSpot, ouvrez Objets, Tickets, Pipelines, choisissez le pipeline et son automatisation, et désactivez les changements de statut quand un e-mail est envoyé ou reçoit une réponse ; ou cherchez un workflow qui change le statut des tickets.',
  rivalRecords: 'Afficher ces tickets',
  pausedBanner: 'Baton est en pause : il ne change rien.',
  shadowBanner: 'Baton est à l’essai : il note ce qu’il ferait, et ne change rien.',
  versions: 'Versions',
  versionsLead: 'Chaque enregistrement crée une nouvelle version. Aucune n’est perdue.',
  allVersions: 'Toutes les versions : ce qui a changé, et revenir en arrière',
  noVersions: 'Rien n’est encore enregistré. Baton ne fait rien tant que vous n’activez pas une règle.',
  version: 'Version',
  savedAt: 'Enregistrée',
  savedBy: 'Par',
  inForce: 'en vigueur',
  webhookSecret: 'Le secret avec lequel vos autres systèmes vérifient les messages de Baton',
  disconnectTitle: 'Déconnecter Baton',
  disconnectLead: 'Baton perd alors son accès à ce portail, et les tickets restent tels quels.',
  disconnectSummary: 'Je veux déconnecter Baton',
  disconnect: 'Déconnecter Baton de ce portail',
  issues: {
    stage: 'Choisissez un statut de ce pipeline.',
    fromNone: 'Cochez au moins un statut, ou choisissez « De n’importe quel statut ».',
    fromGone: 'Un statut coché n’existe plus dans HubSpot. Décochez-le.',
    accountNone: 'Cochez au moins une adresse, ou choisissez « Toutes les adresses e-mail ».',
    accountGone: 'Une adresse cochée n’existe plus dans HubSpot. Décochez-la.',
    accountTaken:
      'Une de ces adresses crée déjà des tickets dans un autre pipeline, nommé à côté d’elle. Ne la prenez pas ici, ou retirez-la d’abord là-bas.',
    grace: 'Indiquez un nombre entier de secondes, de 0 à 3600.',
    channel: 'Choisissez des canaux de la liste.',
    channelNone: 'Cochez au moins un canal. Pour tout arrêter, mettez plutôt Baton en pause.',
    choice: 'Choisissez une des réponses.',
    evidence:
      'Choisissez une des réponses. « Selon la vérification de la boîte » suppose une vérification qui a trouvé quelque chose.',
    days: 'Indiquez un nombre entier de jours, de 1 à 3650.',
    moves: 'Indiquez un nombre entier de 1 à 1000.',
    pipelineGone: 'Ce pipeline ne peut plus être lu dans HubSpot. Rien de cette page n’a été enregistré.',
    pipelineThere: 'Ses règles restent : HubSpot connaît ce pipeline, ou ne répond pas pour le moment.',
    other: 'Ce réglage est à revoir.',
  },
};
