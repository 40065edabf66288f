// Which addresses a webhook may be posted to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSettings } from '../../src/rules/settings.ts';
import { checkWebhookUrl, isPublicAddress } from '../../src/rules/webhook-url.ts';

test('addresses of the open internet are public', () => {
  for (const address of ['8.8.8.8', '193.99.144.80', '2606:4700::1111', '2a02:26f0::1', '::ffff:8.8.8.8']) {
    assert.equal(isPublicAddress(address), true, address);
  }
});

test('no address inside a network, nor one that carries such an address, is public', () => {
  const inside = [
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.0.0.1',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::10.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b:1::a00:1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:a00:1::',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    'not an address',
    '',
  ];
  for (const address of inside) assert.equal(isPublicAddress(address), false, address);
});

test('an address is refused with what to do about it', () => {
  for (const url of ['https://example.com/hook', 'https://example.com.:8443/', 'https://8.8.8.8/']) {
    assert.equal(checkWebhookUrl(url), null, url);
  }
  const wrong: [string, RegExp][] = [
    ['example.com', /no address/],
    ['http://example.com/', /https/],
    ['ftp://example.com/', /https/],
    ['https://user:secret@example.com/', /name and password/],
    ['https://10.0.0.1/', /private network/],
    ['https://0x0a000001/', /private network/],
    ['https://[fd12::1]/', /private network/],
    ['https://intranet/', /private network/],
    ['https://db.internal/', /private network/],
    ['https://metadata.google.internal./', /private network/],
  ];
  for (const [url, words] of wrong) assert.match(checkWebhookUrl(url) ?? '', words, url);
});

test('this very machine may be posted to outside production, and is refused on save in it', () => {
  const pipelines = [{ id: '0', label: 'Support', stages: [{ id: '1', label: 'New', closed: false }] }];
  const post = (url: string) => ({
    pipelines: { '0': { stageActions: { '1': [{ id: 'a', kind: 'post-webhook', url }] } } },
  });
  for (const url of ['http://127.0.0.1:8080/hook', 'http://localhost/hook', 'https://[::1]/hook']) {
    assert.ok('settings' in parseSettings(post(url), pipelines), url);
    assert.deepEqual(parseSettings(post(url), pipelines, { production: true }), {
      issues: [
        {
          path: 'pipelines.0.stageActions.1.0.url',
          message: 'This address is the machine Baton runs on. Use one that can be reached from the internet.',
        },
      ],
    });
  }
  assert.ok('settings' in parseSettings(post('https://example.com/hook'), pipelines, { production: true }));
});
