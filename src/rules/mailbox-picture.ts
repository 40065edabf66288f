// What a portal's own mail shows: does mail written on a contact record land on tickets by itself (PRODUCT.md 4)? Pure.

/**
 * One mail of a user, as far as it says something.
 * `loose`: to a contact who had exactly one open ticket then, and still on no ticket a minute later. Only that proves: where HubSpot
 * puts mail on a contact's one open ticket, and on none where there are several, a loose mail to the latter looks the same.
 * `tied`: on exactly one ticket at once, which its sender may have chosen, or HubSpot.
 * `several`: on several tickets at once. `foreign`: put on a ticket by something other than its sender.
 */
export type Sighting = { kind: 'loose' | 'tied' | 'several' | 'foreign'; at: Date };

/** What a check with test mails found: `apart` = mail from the contact record stays off tickets, `mixed` = it lands on them. */
export type CheckFinding = 'apart' | 'mixed' | 'unclear';

/** Whether an association with one ticket tells in this portal that a mail was sent from it, and the words for it in a record. */
export type MailboxEvidence = { counts: boolean; why: string };

export type MailboxPicture = {
  /** The newest sign against it. */
  contradiction: { kind: 'several' | 'foreign' | 'check'; at: Date } | null;
  /** Loose mails newer than that. */
  proofs: number;
  newestProofAt: Date | null;
  /** A check that speaks for it, newer than that. */
  checkedAt: Date | null;
  /** Tied mails since then, up to the newest proof, and after it. */
  tiedBefore: number;
  tiedSince: number;
};

export const proofsNeeded = 3;
const dayMs = 86_400_000;
/** Settings of a portal change: what is older proves nothing any more, nor speaks against it. */
export const sightingMaxAgeMs = 90 * dayMs;
/** HubSpot's clock may be a little ahead of ours; a date further off is nobody's. */
const aheadMs = 5 * 60_000;

export function drawPicture(
  sightings: Sighting[],
  check: { finding: CheckFinding; at: Date } | null,
  now: Date,
): MailboxPicture {
  const recent = sightings.filter(
    ({ at }) => at.getTime() > now.getTime() - sightingMaxAgeMs && at.getTime() <= now.getTime() + aheadMs,
  );
  const against = [
    ...recent.flatMap(({ kind, at }) => (kind === 'several' || kind === 'foreign' ? [{ kind, at }] : [])),
    ...(check?.finding === 'mixed' ? [{ kind: 'check' as const, at: check.at }] : []),
  ];
  const contradiction = against.reduce<(typeof against)[number] | null>(
    (newest, one) => (newest && newest.at >= one.at ? newest : one),
    null,
  );
  const since = contradiction?.at.getTime() ?? Number.NEGATIVE_INFINITY;
  const after = recent.filter(({ at }) => at.getTime() > since);
  const proofs = after.filter(({ kind }) => kind === 'loose');
  const checkedAt = check?.finding === 'apart' && check.at.getTime() > since ? check.at : null;
  const newest = Math.max(...proofs.map(({ at }) => at.getTime()), checkedAt?.getTime() ?? Number.NEGATIVE_INFINITY);
  const tied = after.filter(({ kind }) => kind === 'tied');
  const tiedSince = tied.filter(({ at }) => at.getTime() > newest).length;
  return {
    contradiction,
    proofs: proofs.length,
    newestProofAt: Number.isFinite(newest) ? new Date(newest) : null,
    checkedAt,
    tiedBefore: tied.length - tiedSince,
    tiedSince,
  };
}

/** Test mails of a check: two from each record. */
const mailsOfCheck = 2;
const unlikely = 0.01;
const [shortestRun, longestRun] = [10, 200];

/**
 * How many mails in a row may be on a ticket before it is no chance any more (1 in 100) that none is loose, by the share of loose
 * mails so far. A team that always writes from the ticket makes long runs, and needs a loose mail or a check now and then.
 */
export function longestLikelyRun({ proofs, checkedAt, tiedBefore }: MailboxPicture): number {
  const checked = checkedAt ? mailsOfCheck : 0;
  const share = (proofs + checked) / Math.max(1, proofs + tiedBefore + 2 * checked);
  if (share >= 1) return shortestRun;
  const run = Math.ceil(Math.log(unlikely) / Math.log(1 - share));
  return Math.min(longestRun, Math.max(shortestRun, run));
}

const takenBack = {
  several: 'a mail was put on several tickets at once',
  foreign: 'something other than the sender put a mail on a ticket',
  check: 'the check found mail of the contact record on a ticket',
};

/** The words are looked up in src/web/words/*-mailbox.ts: at most one number that varies, and it comes first. */
export function judgeMailbox(picture: MailboxPicture): MailboxEvidence {
  const { contradiction, proofs, checkedAt, tiedSince } = picture;
  if (proofs < proofsNeeded && !checkedAt) {
    const seen = `auto: ${proofs} of ${proofsNeeded} mails seen that prove it`;
    return { counts: false, why: contradiction ? `${seen}, since ${takenBack[contradiction.kind]}` : seen };
  }
  if (tiedSince > longestLikelyRun(picture)) {
    return { counts: false, why: `auto: the last ${tiedSince} mails are all on a ticket, so the proof is in doubt` };
  }
  const why = proofs >= proofsNeeded ? `auto: proven by ${proofs} mails` : 'auto: proven by the check';
  return { counts: true, why };
}
