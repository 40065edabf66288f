// What a handler of the API is given, and what the table of paths says of it.
import type { Answer } from './answers.ts';
import type { PortalState, Source } from './state.ts';
import type { World } from './world.ts';

/** What a handler is given. Handlers are synchronous: what they change, they change at once or not at all. */
export type Call = {
  world: World;
  portal: PortalState;
  /** INTEGRATION + app id: how the app's own writes are marked (DATA.md 1.3). */
  source: Source;
  params: Record<string, string>;
  query: URLSearchParams;
  /** Parsed JSON body; undefined when there is none. */
  body: unknown;
  form: URLSearchParams;
  /** `2026-03` or `2026-09`. */
  version: string;
};

export type Route = {
  method: string;
  /** `/oauth/:v/token`: `:v` = a dated version, other `:names` = one segment; what coverage.ts lists. */
  template: string;
  path: RegExp;
  handle: (call: Call) => Answer;
  /** `public` routes take client id and secret instead of a token. */
  access: 'public' | 'token';
  scopes?: (params: Record<string, string>, version: string) => string[];
  isSearch?: boolean;
  /** Played with `legacyPaths` only: it has no dated form of its own. */
  isLegacy?: boolean;
  /** Not counted by the rolling limit. */
  isUncounted?: boolean;
};
