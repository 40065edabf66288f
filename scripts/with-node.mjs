// Runs the given command line with a Node that is new enough: this one, or the one from baton-embedded.
// Plain JavaScript on purpose: it is the only file that must run on Node 18 and 20 as well.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
let node = process.execPath;
// 22.19 is the first release that runs TypeScript by type stripping without a flag and without a warning we care for.
if (major < 22 || (major === 22 && minor < 19)) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  try {
    node = createRequire(import.meta.url).resolve(`${name}/${binary}`);
  } catch {
    console.error(
      `baton: Node ${process.versions.node} is too old and ${name} is not installed. Install Node 22.19 or newer, or run npm ci without --omit.`,
    );
    process.exit(78);
  }
}
const env = {
  // Stripped and compiled sources are kept: a start takes 0.25 s of processor instead of 0.57, and the tests start hundreds of times.
  NODE_COMPILE_CACHE: join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules', '.cache', 'node'),
  ...process.env,
  PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
};
// The channel carries no message: it closes when this process is killed, and main.ts stops then.
const child = spawn(node, process.argv.slice(2), { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
// A terminal sends Ctrl-C to the whole process group; what is sent to this process alone is passed on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// A killed npm cannot pass anything on, and the shell between it and us may live on. Under npm a new parent or grandparent
// means just that; started by hand it may be a daemon's way.
function readAncestors() {
  try {
    const [, parentOfParent] = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ')[1].split(' ');
    return `${process.ppid} ${parentOfParent}`;
  } catch {
    return String(process.ppid);
  }
}
const ancestors = readAncestors();
if (process.env.npm_lifecycle_event) {
  setInterval(() => readAncestors() === ancestors || child.kill('SIGTERM'), 1000).unref();
}
child.on('error', (error) => {
  console.error(`baton: cannot run ${node}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else process.exit(code ?? 1);
});
