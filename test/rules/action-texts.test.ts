// The texts of actions with their placeholders filled in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeholdersOf, renderAction } from '../../src/rules/action-texts.ts';
import type { StageAction } from '../../src/rules/stage-actions.ts';

const reply: StageAction = {
  id: 'a',
  kind: 'send-notification',
  via: 'thread',
  senderUserId: '7',
  body: 'Hello {{contact.firstname | default: "there"}}, we have {{ticket.subject}}.',
};
const task: StageAction = {
  id: 'b',
  kind: 'create-task',
  subject: 'Call {{contact.firstname}}\n about {{ticket.subject}}',
  dueInHours: 4,
  owner: 'none',
};

test('each value that the texts ask for is named once', () => {
  assert.deepEqual(placeholdersOf([reply, task, { id: 'c', kind: 'assign-owner', ownerId: '1' }]), [
    { subject: 'contact', property: 'firstname' },
    { subject: 'ticket', property: 'subject' },
  ]);
});

test('a text is filled in as it is typed, and a missing value is named', () => {
  assert.deepEqual(renderAction(reply, { ticket: { subject: 'A & B <b>' } }), {
    text: 'Hello there, we have A & B <b>.',
  });
  assert.deepEqual(renderAction(reply, { ticket: { subject: null } }), { missing: 'ticket.subject' });
});

test("a task's subject is one line, whatever the values bring", () => {
  const values = { contact: { firstname: 'Casey' }, ticket: { subject: 'first\r\nsecond' } };
  assert.deepEqual(renderAction(task, values), { text: 'Call Casey about first second' });
});

test('an action without a text has nothing to fill in', () => {
  assert.equal(renderAction({ id: 'c', kind: 'set-property', property: 'subject', value: '{{x}}' }, {}), null);
  const send: StageAction = { id: 'd', kind: 'send-notification', via: 'transactional', emailId: 1 };
  assert.equal(renderAction(send, {}), null);
});
