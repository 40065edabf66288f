// Encryption at rest: what opens, and what must not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createVault } from '../../src/db/vault.ts';

const one = { id: 'one', key: Buffer.alloc(32, 1) };
const two = { id: 'two', key: Buffer.alloc(32, 2) };
const refused = { code: 'wrong-configuration' };

test('any text opens again for its portal', () => {
  const vault = createVault([one]);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      assert.equal(vault.decrypt('33', 'one', vault.encrypt('33', text)), text);
    }),
  );
});

test('it opens neither for another portal, nor with another key, nor when a single bit was changed', () => {
  const vault = createVault([one, two]);
  const bytes = vault.encrypt('33', 'secret');
  assert.throws(() => vault.decrypt('34', 'one', bytes), refused);
  assert.throws(() => vault.decrypt('33', 'two', bytes), refused);
  assert.throws(() => vault.decrypt('33', 'three', bytes), /TOKEN_KEYS lacks the key three/);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.throws(() => vault.decrypt('33', 'one', changed), refused);
  }
  for (let length = 0; length < bytes.length; length += 1) {
    assert.throws(() => vault.decrypt('33', 'one', bytes.subarray(0, length)), refused);
  }
});

test('the error names portal and key, and nothing of what was encrypted', () => {
  const vault = createVault([one]);
  const bytes = createVault([{ id: 'one', key: two.key }]).encrypt('33', 'secret');
  assert.throws(
    () => vault.decrypt('33', 'one', bytes),
    (error: Error) =>
      error.message.includes('one') && error.message.includes('33') && !error.message.includes('secret'),
  );
});

test('the first key encrypts, all decrypt', () => {
  const old = createVault([one]).encrypt('33', 'secret');
  const vault = createVault([two, one]);
  assert.equal(vault.keyId, 'two');
  assert.equal(vault.decrypt('33', 'one', old), 'secret');
  assert.equal(createVault([two]).decrypt('33', 'two', vault.encrypt('33', 'new')), 'new');
});

test('without a key there is no vault', () => {
  assert.throws(() => createVault([]), refused);
});
