// Tells whoever watches that something in the emulator has changed, so that a page can follow without asking.

export function createChanges() {
  const watchers = new Set<() => void>();
  return {
    /** Calls back after every change, and after some looks that changed nothing. Returns its remover. */
    watch(watcher: () => void): () => void {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    tell(): void {
      for (const watcher of watchers) watcher();
    },
  };
}

export type Changes = ReturnType<typeof createChanges>;
