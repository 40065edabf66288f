// Undated paths (v1, v3, v4) of apps that have not moved yet, as the dated ones they became; played only with `legacyPaths`.

// The official client 14 knows no others (PLATFORM.md 1). 2026-03 where v3 is meant: neither enforces a portal's own rules.
const moved: Array<[from: RegExp, to: string]> = [
  [/^\/oauth\/v[13]\/token(?=\/|$)/, '/oauth/2026-03/token'],
  [/^\/crm\/v[34]\/objects\//, '/crm/objects/2026-03/'],
  [/^\/crm\/v3\/owners(?=\/|$)/, '/crm/owners/2026-03'],
  [/^\/crm\/v3\/pipelines\//, '/crm/pipelines/2026-03/'],
  [/^\/crm\/v3\/properties\//, '/crm/properties/2026-03/'],
  // v3's own association batches have other bodies; only v4's are what is dated now.
  [/^\/crm\/v4\/associations\//, '/crm/associations/2026-03/'],
  [/^\/crm\/associations\/v4\//, '/crm/associations/2026-03/'],
  [/^\/conversations\/v3\/conversations\//, '/conversations/conversations/2026-09/'],
  [/^\/conversations\/conversations\/v3\//, '/conversations/conversations/2026-09/'],
  [/^\/marketing\/v3\/transactional\//, '/marketing/transactional/2026-03/'],
  [/^\/account-info\/v3\//, '/account-info/2026-03/'],
  [/^\/appinstalls\/v3\//, '/appinstalls/2026-03/'],
];

/** The dated path behind an undated one; any other path as it is. */
export function findDatedPath(path: string): string {
  for (const [from, to] of moved) if (from.test(path)) return path.replace(from, to);
  return path;
}
