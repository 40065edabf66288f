// Reads the portal's own settings from the form of its page; a field that is not there changes nothing.
import type { PortalOptions } from '../portal.ts';
import type { OwnStatusAutomation, PortalState } from '../state.ts';

type Fields = Record<string, string | undefined>;
type Settings = Partial<PortalOptions>;

function readSwitch(value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : value === 'true';
}

function readSeconds(value: string | undefined, label: string): number {
  const seconds = Number(value || '0');
  if (!(seconds >= 0 && seconds <= 86_400)) throw new Error(`${label}: a number of seconds between 0 and 86400`);
  return seconds * 1_000;
}

function readCreation(fields: Fields): boolean | number | undefined {
  if (fields.ticketsForNewConversations === undefined) return undefined;
  if (fields.ticketsForNewConversations !== 'true') return false;
  return readSeconds(fields.ticketDelaySeconds, 'Delay of the ticket');
}

/** Fields `own.<pipeline>.outgoing`, `.incoming`, `.delaySeconds`. */
function readAutomation(fields: Fields, portal: PortalState): Record<string, OwnStatusAutomation> | undefined {
  const read = (id: string, name: string) => fields[`own.${id}.${name}`];
  const named = portal.pipelines.filter(({ id }) => read(id, 'outgoing') !== undefined);
  if (named.length === 0) return undefined;
  const changed = named.map(({ id, label }) => {
    const [outgoing, incoming] = [read(id, 'outgoing'), read(id, 'incoming')];
    const delayMs = readSeconds(read(id, 'delaySeconds'), `Delay in ${label}`);
    const stages = { ...(outgoing ? { outgoing } : {}), ...(incoming ? { incoming } : {}) };
    return [id, { ...stages, delayMs }] as const;
  });
  const isOn = (one: OwnStatusAutomation | undefined) => one?.outgoing !== undefined || one?.incoming !== undefined;
  const all = { ...portal.ownStatusAutomation, ...Object.fromEntries(changed) };
  return Object.fromEntries(Object.entries(all).filter(([, one]) => isOn(one)));
}

/** Fields `required.<stage>`: names of properties, with commas. */
function readRequired(fields: Fields, portal: PortalState): Record<string, string[]> | undefined {
  const names = Object.keys(fields).filter((name) => name.startsWith('required.'));
  if (names.length === 0) return undefined;
  const changed = names.map((name) => [
    name.slice('required.'.length),
    (fields[name] ?? '').split(/[\s,;]+/).filter(Boolean),
  ]);
  const all: Record<string, string[]> = { ...portal.requiredForStage, ...Object.fromEntries(changed) };
  return Object.fromEntries(Object.entries(all).filter(([, properties]) => properties.length > 0));
}

function readAssociation(value: string | undefined): Settings['automaticAssociation'] {
  if (value === undefined || value === 'some') return value;
  return value === 'true';
}

function readFingerprints(value: string | undefined): Settings['fingerprints'] {
  if (value === undefined || value === 'none' || value === 'detail' || value === 'associations-request') return value;
  throw new Error('Fingerprints: none, detail or associations-request');
}

/** The change `portal.configure` takes. Throws, in words for people, for a value that is none. */
export function readSettings(fields: Fields, portal: PortalState): Settings {
  return {
    ticketsForNewConversations: readCreation(fields),
    automaticAssociation: readAssociation(fields.automaticAssociation),
    fingerprints: readFingerprints(fields.fingerprints),
    ownStatusAutomation: readAutomation(fields, portal),
    requiredForStage: readRequired(fields, portal),
    twins: readSwitch(fields.twins),
    transactionalAddOn: readSwitch(fields.transactionalAddOn),
  };
}
