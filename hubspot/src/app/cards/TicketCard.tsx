// The ticket card: Baton's last decisions about the open ticket, each in a sentence. Built and served by HubSpot.
import { Button, EmptyState, ErrorState, Flex, hubspot, List, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import { useCallback, useEffect, useState } from 'react';

const origin = 'https://baton.example.com';

const words = {
  en: {
    loading: 'Loading',
    none: 'Baton has not seen a message on this ticket yet.',
    failed: 'Baton cannot be reached.',
    again: 'Try again',
    older: 'Older',
    when: 'en',
  },
  fr: {
    loading: 'Chargement',
    none: 'Baton n’a encore vu aucun message sur ce ticket.',
    failed: 'Baton est injoignable.',
    again: 'Réessayer',
    older: 'Plus ancien',
    when: 'fr',
  },
};

type Entry = { id: string; at: string; sentence: string };
type Answer = { records: { id: string; at: string }[]; sentences: string[]; next: string | null };
type Context = { crm: { objectId: number | string }; user: { locale?: string } };

function TicketCard({ context }: { context: Context }) {
  const lang = context.user.locale?.toLowerCase().startsWith('fr') ? 'fr' : 'en';
  const text = words[lang];
  const [entries, setEntries] = useState<Entry[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [state, setState] = useState<'loading' | 'ready' | 'failed'>('loading');

  const load = useCallback(
    async (after: string | null) => {
      setState('loading');
      try {
        const query = new URLSearchParams({
          ticketId: String(context.crm.objectId),
          lang,
          ...(after ? { after } : {}),
        });
        const response = await hubspot.fetch(`${origin}/hubspot/card?${query}`, { method: 'GET', timeout: 5_000 });
        if (!response.ok) throw new Error(`Baton answered ${response.status}`);
        const answer = (await response.json()) as Answer;
        const fresh = answer.records.map(({ id, at }, index) => ({ id, at, sentence: answer.sentences[index] ?? '' }));
        setEntries((known) => (after ? [...known, ...fresh] : fresh));
        setNext(answer.next);
        setState('ready');
      } catch {
        setState('failed');
      }
    },
    [context.crm.objectId, lang],
  );
  useEffect(() => void load(null), [load]);

  if (state === 'failed') {
    return (
      <ErrorState title={text.failed}>
        <Button onClick={() => load(null)}>{text.again}</Button>
      </ErrorState>
    );
  }
  if (state === 'loading' && entries.length === 0) return <LoadingSpinner label={text.loading} />;
  if (entries.length === 0) return <EmptyState title={text.none} layout="vertical" />;
  return (
    <Flex direction="column" gap="small">
      <List>
        {entries.map(({ id, at, sentence }) => (
          <Flex key={id} direction="column">
            <Text>{sentence}</Text>
            <Text variant="microcopy">{new Date(at).toLocaleString(text.when)}</Text>
          </Flex>
        ))}
      </List>
      {next !== null && (
        <Button variant="secondary" disabled={state === 'loading'} onClick={() => load(next)}>
          {text.older}
        </Button>
      )}
    </Flex>
  );
}

hubspot.extend(({ context }) => <TicketCard context={context as Context} />);
