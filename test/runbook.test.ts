// The runbook speaks of metrics and labels that exist, and every page of it can be found.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createCallMetrics } from '../src/hubspot/call-metrics.ts';
import { createBacklogMetrics } from '../src/web/backlog-metrics.ts';
import { createWebMetrics } from '../src/web/metrics.ts';
import { createWorkerMetrics } from '../src/worker/metrics.ts';

const folder = fileURLToPath(new URL('../docs/runbook/', import.meta.url));
const files = readdirSync(folder);
const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const noAlerts = ['README.md', 'backup-and-restore.md', 'key-rotation.md'];
const alertPages = files.filter((file) => !noAlerts.includes(file));

/** Label names of every metric a web process or a worker has, by the metric's name. */
function listMetrics(): Map<string, string[]> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  createWebMetrics(registry);
  createWorkerMetrics(registry);
  createCallMetrics(registry);
  createBacklogMetrics(registry, {
    backlog: {
      readBacklog: async () => ({ oldestDueSeconds: 0, duePortals: 0, pausedPortals: 0, waiting: [], dead: [] }),
    },
  });
  const metrics = registry.getMetricsAsArray() as unknown as { name: string; type: string; labelNames: string[] }[];
  return new Map(
    metrics.flatMap(({ name, type, labelNames }) =>
      (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]).map((full) => [
        full,
        labelNames,
      ]),
    ),
  );
}

test('each metric and label in an expression exists', () => {
  const metrics = listMetrics();
  assert.ok(alertPages.length >= 10);
  for (const file of alertPages) {
    const expression = /```promql\n([^`]+)```/.exec(read(file))?.[1];
    assert.ok(expression, `${file} has no expression`);
    const used = [...expression.matchAll(/\b((?:baton|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)];
    assert.ok(used.length > 0, file);
    for (const [, name = '', labels = ''] of used) {
      const known = metrics.get(name);
      assert.ok(known, `${file}: there is no metric ${name}`);
      for (const [, label = ''] of labels.matchAll(/(\w+)\s*[=!]/g))
        assert.ok(known.includes(label), `${file}: ${name} has no label ${label}`);
    }
  }
});

test('each metric named anywhere in the runbook exists', () => {
  const metrics = [...listMetrics().keys()];
  for (const file of files) {
    for (const [name] of read(file).matchAll(/\b(?:baton|nodejs|process)_[a-z_]+/g)) {
      assert.ok(metrics.includes(name), `${file}: there is no metric ${name}`);
    }
  }
});

test('the overview links every page, and every link leads somewhere', () => {
  for (const file of files.filter((one) => one !== 'README.md'))
    assert.ok(read('README.md').includes(`(${file})`), file);
  for (const file of files) {
    for (const [, target = ''] of read(file).matchAll(/\]\(([\w-]+\.md)\)/g))
      assert.ok(files.includes(target), `${file}: ${target}`);
  }
});
