// The secrets a bare machine lacks: made once, kept in a file only its owner reads.
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BatonError } from '../errors.ts';

const secretsSchema = z.object({
  tokenKey: z.string().min(44),
  sessionSecret: z.string().min(32),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  appId: z.string().regex(/^\d+$/),
});
export type Secrets = z.infer<typeof secretsSchema>;

function makeSecrets(): Secrets {
  return {
    tokenKey: randomBytes(32).toString('base64'),
    sessionSecret: randomBytes(32).toString('hex'),
    clientId: randomUUID(),
    clientSecret: randomUUID(),
    appId: '1160452', // any number will do: the emulator knows this one app
  };
}

/** Reads `secrets.json` of the folder, or makes it (mode 600). Throws `wrong-configuration` when it cannot be read. */
export function ensureSecrets(folder: string): Secrets {
  const file = join(folder, 'secrets.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const secrets = makeSecrets();
    writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file); // whole or not at all: tokens stored under a lost key are lost too
    return secrets;
  }
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch {
    // No cause: zod and JSON.parse quote what they read.
    throw new BatonError('wrong-configuration', { detail: `${file} is damaged: move the folder away to begin anew.` });
  }
}
