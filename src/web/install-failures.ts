// Why an install did not come about, in words for the admin who tried.
import type { Language } from './words/words.ts';

const failures = [
  'cancelled',
  'refused-by-hubspot',
  'no-code',
  'wrong-state',
  'code-refused',
  'no-portal',
  'scopes-missing',
  'hubspot-silent',
] as const;
export type InstallFailure = (typeof failures)[number];

export function isFailure(value: unknown): value is InstallFailure {
  return failures.some((failure) => failure === value);
}

type FailureWords = Record<InstallFailure, string> & { title: string; startAgain: string };

export const installFailures: Record<Language, FailureWords> = {
  en: {
    title: 'Baton is not installed yet',
    startAgain: 'Start again',
    cancelled: 'The installation was cancelled on HubSpot’s page. Nothing was changed.',
    'refused-by-hubspot':
      'HubSpot did not allow the installation. You need to be a super admin, or to have access to the App Marketplace. Ask one to install Baton, or start again.',
    'no-code': 'HubSpot sent you back without a permission for Baton. Start again.',
    'wrong-state':
      'This sign-in was not started in this browser, or it was left open for too long. Start again, in one window.',
    'code-refused': 'HubSpot’s permission was used already or has expired. Start again.',
    'no-portal': 'HubSpot did not say clearly which portal Baton was installed in, and by whom. Start again.',
    'scopes-missing': 'Baton was not given every permission it needs. Start again and leave all permissions ticked.',
    'hubspot-silent': 'HubSpot does not answer as it should at the moment. Start again in a few minutes.',
  },
  fr: {
    title: 'Baton n’est pas encore installé',
    startAgain: 'Recommencer',
    cancelled: 'L’installation a été annulée sur la page de HubSpot. Rien n’a été modifié.',
    'refused-by-hubspot':
      'HubSpot n’a pas autorisé l’installation. Il faut être super administrateur ou avoir accès à la Marketplace d’applications. Demandez à l’un d’eux d’installer Baton, ou recommencez.',
    'no-code': 'HubSpot vous a renvoyé ici sans autorisation pour Baton. Recommencez.',
    'wrong-state':
      'Cette connexion n’a pas été commencée dans ce navigateur, ou elle est restée ouverte trop longtemps. Recommencez, dans une seule fenêtre.',
    'code-refused': 'L’autorisation de HubSpot a déjà été utilisée ou a expiré. Recommencez.',
    'no-portal': 'HubSpot n’a pas indiqué clairement dans quel portail Baton a été installé, ni par qui. Recommencez.',
    'scopes-missing':
      'Baton n’a pas reçu toutes les autorisations nécessaires. Recommencez en laissant toutes les autorisations cochées.',
    'hubspot-silent': 'HubSpot ne répond pas comme il faut pour le moment. Recommencez dans quelques minutes.',
  },
};
