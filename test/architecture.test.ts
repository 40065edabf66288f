// The house rules of ARCHITECTURE.md, held against every file by TypeScript's own syntax trees.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import * as is from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';

const root = fileURLToPath(new URL('..', import.meta.url));

type Import = { from: string; to: string; typeOnly: boolean };
type File = { path: string; text: string; tree: SourceFile; imports: Import[] };

function* walk(node: Node): Generator<Node> {
  yield node;
  const children: Node[] = [];
  node.forEachChild((child) => void children.push(child));
  for (const child of children) yield* walk(child);
}

function specifierOf(node: Node): { text: string; typeOnly: boolean } | undefined {
  if (is.isImportDeclaration(node) && is.isStringLiteral(node.moduleSpecifier)) {
    return { text: node.moduleSpecifier.text, typeOnly: node.importClause?.phaseModifier === SyntaxKind.TypeKeyword };
  }
  if (is.isExportDeclaration(node) && node.moduleSpecifier && is.isStringLiteral(node.moduleSpecifier)) {
    return { text: node.moduleSpecifier.text, typeOnly: node.isTypeOnly };
  }
  if (is.isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    return { text: argument && is.isStringLiteral(argument) ? argument.text : '(computed)', typeOnly: false };
  }
  return undefined;
}

function readFiles(): File[] {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProjects: [resolve(root, 'tsconfig.json')] }).getProjects();
    assert.ok(project);
    return project.rootFiles.map((name) => {
      const tree = project.program.getSourceFile(name);
      assert.ok(tree, name);
      const path = relative(root, name).split(sep).join('/');
      const found = [...walk(tree)].map(specifierOf).filter((specifier) => specifier !== undefined);
      const imports = found.map(({ text, typeOnly }) => ({
        from: path,
        to: text.startsWith('.')
          ? relative(root, resolve(dirname(name), text))
              .split(sep)
              .join('/')
          : text,
        typeOnly,
      }));
      return { path, text: readFileSync(name, 'utf8'), tree, imports };
    });
  } finally {
    api.close();
  }
}

const files = readFiles();
const sources = files.filter(({ path }) => path.startsWith('src/'));
const nothing: string[] = [];

function lineOf(file: File, node: Node): number {
  return file.text.slice(0, node.getStart()).split('\n').length;
}

/** `src/db/pool.ts` -> `db`, `src/log.ts` -> `log`. */
function roomOf(path: string): string {
  return path.split('/')[1]?.replace(/\.ts$/, '') ?? '';
}

// A room may always import from itself, from errors and from log. `types` = `import type` only.
const arrows: Record<string, { values: string[]; types: string[] }> = {
  main: {
    values: ['config', 'stopping', 'db', 'hubspot', 'outgoing', 'worker', 'web', 'demo'],
    types: ['crm', 'rules'],
  },
  // What `npm start` adds on a bare machine; the only part that meets the emulator.
  demo: { values: ['config', 'crm', 'rules', 'db', 'hubspot', 'emulator'], types: [] },
  web: { values: ['rules', 'db', 'hubspot'], types: ['crm', 'config'] },
  worker: { values: ['rules', 'db', 'hubspot', 'outgoing'], types: ['crm', 'config'] },
  // To customers' own servers: knows neither HubSpot nor the database.
  outgoing: { values: ['rules'], types: [] },
  db: { values: ['rules'], types: ['crm', 'hubspot'] }, // the token store's type belongs to the one who asks
  hubspot: { values: [], types: ['crm', 'config'] },
  rules: { values: [], types: ['crm'] },
  classify: { values: ['rules'], types: ['crm'] },
  emulator: { values: [], types: [] },
  config: { values: [], types: [] },
  stopping: { values: [], types: [] },
  crm: { values: [], types: [] },
  errors: { values: [], types: [] },
  log: { values: [], types: [] },
};
const everyones = ['errors', 'log'];

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const [a, b] = [roomOf(from), roomOf(to)];
  const rules = arrows[a];
  if (a === b) return true;
  if (!rules || !to.startsWith('src/')) return false;
  if (everyones.includes(b) && a !== 'emulator') return true;
  return rules.values.includes(b) || (typeOnly && rules.types.includes(b));
}

test('imports go one way', () => {
  const own = sources.flatMap((file) => file.imports).filter(({ to }) => to.startsWith('src/') || to.startsWith('..'));
  assert.ok(own.length > 20, 'the scan sees imports');
  const wrong = own.filter((arrow) => !isAllowed(arrow)).map(({ from, to }) => `${from} imports ${to}`);
  assert.deepEqual(wrong, nothing);
});

test('no imports go in a circle', () => {
  // Types are gone when the program runs: a file may take its type from the one that gathers it.
  const graph = new Map(
    sources.map(({ path, imports }) => [path, imports.filter(({ typeOnly }) => !typeOnly).map(({ to }) => to)]),
  );
  const state = new Map<string, 'open' | 'done'>();
  const circles: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    if (state.get(path) === 'open') circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (state.has(path)) return;
    state.set(path, 'open');
    for (const next of graph.get(path) ?? []) if (graph.has(next)) visit(next, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of graph.keys()) visit(path, []);
  assert.deepEqual(circles, nothing);
});

// Each outside has one place; a room's own libraries may not spread.
const places: Record<string, RegExp> = {
  pg: /^src\/db\//,
  'node-pg-migrate': /^src\/db\//,
  'connect-pg-simple': /^src\/db\//,
  '@hubspot/api-client': /^src\/hubspot\//,
  express: /^src\/(web|emulator)\//,
  passport: /^src\/web\//,
  pino: /^src\/log\.ts$/,
  standardwebhooks: /^src\/outgoing\//,
};

test('each outside is reached from one place', () => {
  const wrong = sources.flatMap(({ path, imports }) =>
    imports
      .map(({ to }) => Object.keys(places).find((name) => to === name || to.startsWith(`${name}/`)))
      .filter((name) => name !== undefined && !places[name]?.test(path))
      .map((name) => `${path} imports ${name}`),
  );
  assert.deepEqual(wrong, nothing);
});

function isMember(node: Node, object: string, member: string): boolean {
  return is.isPropertyAccessExpression(node) && node.getText() === `${object}.${member}`;
}

test('process.env is read in config alone', () => {
  const readers = sources.filter(({ tree }) => [...walk(tree)].some((node) => isMember(node, 'process', 'env')));
  assert.deepEqual(
    readers.map(({ path }) => path),
    ['src/config.ts'],
  );
});

// Pure: the same facts give the same verdict on any machine at any time. node:crypto is there to hash a subject.
const pureLibraries = ['zod', 'html-to-text', 'liquidjs', 'ipaddr.js', 'luxon', 'node:crypto'];

test('the rules have no clock, no randomness and no outside', () => {
  const wrong: string[] = [];
  for (const file of sources.filter(({ path }) => path.startsWith('src/rules/'))) {
    for (const { to } of file.imports) {
      if (!to.startsWith('src/') && !pureLibraries.includes(to)) wrong.push(`${file.path} imports ${to}`);
    }
    for (const node of walk(file.tree)) {
      const now = is.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length;
      const impure = isMember(node, 'Date', 'now') || isMember(node, 'Math', 'random');
      const called =
        is.isCallExpression(node) &&
        /^(fetch|setTimeout|setInterval|randomUUID|randomBytes)$/.test(node.expression.getText());
      if (now || impure || called || is.isAwaitExpression(node))
        wrong.push(`${file.path}:${lineOf(file, node)} ${node.getText().slice(0, 40)}`);
    }
  }
  assert.deepEqual(wrong, nothing);
});

test('nothing is exported by default, and no file only passes on what another exports', () => {
  const wrong = files.flatMap((file) =>
    [...walk(file.tree)]
      .filter(
        (node) =>
          is.isExportAssignment(node) ||
          (is.isExportDeclaration(node) && node.moduleSpecifier !== undefined) ||
          (node.kind === SyntaxKind.DefaultKeyword && !is.isDefaultClause(node.parent)),
      )
      .map((node) => `${file.path}:${lineOf(file, node)}`),
  );
  assert.deepEqual(wrong, nothing);
});

test('every file opens with a comment of purpose', () => {
  assert.deepEqual(
    files.filter(({ text }) => !/^(\/\/|\/\*\*?) \S/.test(text)).map(({ path }) => path),
    nothing,
  );
});

test('no file is longer than 300 lines', () => {
  const long = files.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }));
  assert.deepEqual(
    long.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path} has ${lines}`),
    nothing,
  );
});

function isFunction(node: Node): boolean {
  return (
    is.isFunctionDeclaration(node) ||
    is.isFunctionExpression(node) ||
    is.isArrowFunction(node) ||
    is.isMethodDeclaration(node) ||
    is.isConstructorDeclaration(node) ||
    is.isGetAccessorDeclaration(node)
  );
}

/** Lines of a function without those of the functions inside it: a factory that returns ten short methods is a table of them. */
function countOwnLines(node: Node): number {
  const inner = (parent: Node): number => {
    let lines = 0;
    parent.forEachChild((child) => {
      lines += isFunction(child) ? child.getText().split('\n').length - 1 : inner(child);
    });
    return lines;
  };
  return node.getText().split('\n').length - inner(node);
}

test('no function is longer than 60 lines', () => {
  const long: string[] = [];
  for (const file of files) {
    for (const node of walk(file.tree)) {
      if (!isFunction(node)) continue;
      const lines = countOwnLines(node);
      if (lines > 60) long.push(`${file.path}:${lineOf(file, node)} has ${lines}`);
    }
  }
  assert.deepEqual(long, nothing);
});

test('files are kebab-case nouns, and no name says nothing', () => {
  const wrong = files
    .map(({ path }) => path)
    .filter((path) => {
      const names = path.replace(/(\.test)?\.ts$/, '').split('/');
      return names.some(
        (name) =>
          !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || /\b(utils?|helpers?|common|misc|managers?|services?)\b/.test(name),
      );
    });
  assert.deepEqual(wrong, nothing);
});
