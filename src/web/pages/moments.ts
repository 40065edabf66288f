// Writes points in time as people of the portal read them: their zone, their language.

/** `Intl` throws on a zone it does not know; HubSpot's list is not Node's, so such a portal reads UTC. */
export function knownTimeZone(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) return 'UTC';
    throw error;
  }
}

export type Moment = { iso: string; text: string };

/** Makes `22 Nov 2026, 18:05:31` and the machine's form beside it. `timeZone` is a zone Node knows. */
export function momentWriter(dateLocale: string, timeZone: string): (at: Date) => Moment {
  const format = new Intl.DateTimeFormat(dateLocale, { timeZone, dateStyle: 'medium', timeStyle: 'medium' });
  return (at) => ({ iso: at.toISOString(), text: format.format(at) });
}
