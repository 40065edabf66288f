// The routes an Express app really has, read out of it: what is added later is in the table by itself.
import type { Express } from 'express';

export type Route = { method: string; path: string };
type Layer = {
  /** The path it was mounted on, as written (router 2.x). */
  rawPath?: unknown;
  handle: { stack?: Layer[] };
  route?: { path: string | string[]; methods: Record<string, boolean> };
};

export function listRoutes(app: Express): Route[] {
  return readStack((app as unknown as { router: { stack: Layer[] } }).router.stack, '');
}

function readStack(stack: Layer[], base: string): Route[] {
  return stack.flatMap((layer) => {
    if (layer.route) return readRoute(layer.route, base);
    if (!layer.handle.stack) return [];
    const { rawPath } = layer;
    if (typeof rawPath !== 'string')
      throw new Error(`a router under ${base}/ hangs on no plain path: read it here first`);
    return readStack(layer.handle.stack, rawPath === '/' ? base : base + rawPath);
  });
}

/** `all`, which Express keeps as every method there is, is how a known path refuses other methods: no route of its own. */
function readRoute({ path, methods }: NonNullable<Layer['route']>, base: string): Route[] {
  const names = methods.acl || methods._all ? [] : Object.keys(methods);
  return [path].flat().flatMap((each) => names.map((method) => ({ method: method.toUpperCase(), path: base + each })));
}
