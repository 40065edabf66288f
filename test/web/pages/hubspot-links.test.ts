// Where "in HubSpot" leads: to the portal's own domain, or to the emulator.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Portal } from '../../../src/crm.ts';
import { linkToRecord } from '../../../src/web/pages/hubspot-links.ts';

const portal = { id: '4711', uiDomain: 'app-eu1.hubspot.com' } as Portal;
const linkWith = (appUrl: string) => linkToRecord({ portal, config: { hubspot: { appUrl } } }, '0-5', '901');

test('a record is opened on the domain of its portal, whichever of HubSpot’s origins is configured', () => {
  for (const appUrl of ['https://app.hubspot.com', 'https://app-eu1.hubspot.com', 'https://hubspot.com']) {
    assert.equal(linkWith(appUrl), 'https://app-eu1.hubspot.com/contacts/4711/record/0-5/901');
  }
});

test('a record of the emulator is opened in the emulator', () => {
  assert.equal(linkWith('http://127.0.0.1:4100'), 'http://127.0.0.1:4100/contacts/4711/record/0-5/901');
  assert.equal(linkWith('https://hubspot.com.example'), 'https://hubspot.com.example/contacts/4711/record/0-5/901');
});
