// Why HubSpot did not send a transactional email, in words that say what to do (sendResult values: DATA.md 5).

const theirs: Record<string, string> = {
  INVALID_TO_ADDRESS: 'the address of the contact cannot be written to',
  PREVIOUSLY_BOUNCED: 'emails to this contact have bounced before',
  PREVIOUS_SPAM: 'this contact has marked an email as spam',
  ADDRESS_OPTED_OUT: 'this contact does not want such emails',
  BLOCKED_DOMAIN: 'the domain of the contact is blocked',
  QUARANTINED_ADDRESS: 'HubSpot holds this address back for now',
};

const ours: Record<string, (emailId: number) => string> = {
  MISSING_CONTENT: (emailId) => `the email ${emailId} does not exist or is not set up for single send`,
  MISSING_TEMPLATE_PROPERTIES: (emailId) => `the email ${emailId} uses values that Baton does not give`,
  INVALID_FROM_ADDRESS: (emailId) => `the email ${emailId} has no sender address that may be used`,
  PORTAL_NOT_AUTHORIZED_FOR_APPLICATION: () => 'the portal has no transactional email add-on',
  PORTAL_MISSING_MARKETING_SCOPE: () => 'the portal has no transactional email add-on',
  UNCONFIGURED_SENDING_DOMAIN: () => 'the sending domain is not connected in HubSpot',
};

/** `HubSpot says CODE: why.` A code that is not known here is shown as it is. */
export function describeSendFailure(code: string, fault: 'theirs' | 'ours', emailId: number): string {
  if (fault === 'theirs') return `HubSpot says ${code}: ${theirs[code] ?? 'this contact cannot be written to'}.`;
  return `HubSpot says ${code}: ${ours[code]?.(emailId) ?? `look at the email ${emailId} in HubSpot`}.`;
}
