// The frame around every page of the emulator: plain, readable, without anything from elsewhere.
import { escapeHtml } from './messages.ts';

export type Frame = {
  /** HTML before the content: where one is, and where one can go. */
  top: string;
  /** Where the page hears of changes; absent = it stands still. */
  events?: string;
};

/** `body` and `frame` are HTML whose every outside text has been escaped already. */
export function page(title: string, body: string, frame: Frame = { top: '' }): string {
  const events = frame.events ? ` data-events="${escapeHtml(frame.events)}"` : '';
  const script = frame.events ? '<script src="/emulator/assets/page.js" defer></script>' : '';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} - HubSpot emulator</title><link rel="stylesheet" href="/emulator/assets/page.css">${script}</head>
<body${events}><a class="skip" href="#main">Skip to the content</a><header>${frame.top}</header><main id="main" tabindex="-1">${body}</main>
<footer class="note"><p>This is Baton's HubSpot emulator, not HubSpot. <a href="/">All portals</a></p></footer></body></html>`;
}
