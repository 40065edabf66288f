// The frame around every page of the emulator: plain, readable, without anything from elsewhere.

const style = `body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;color:#1c2b33;background:#fbfbf9}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d5d9d6;vertical-align:top}
form{margin:.5rem 0}label{display:inline-block;margin:.2rem .6rem .2rem 0}input,select,textarea,button{font:inherit;padding:.25rem .4rem}
textarea{width:100%;box-sizing:border-box;min-height:4rem}fieldset{border:1px solid #b9c2bd;margin:.5rem 0}.in{border-left:4px solid #2a6f97;padding-left:.6rem}.out{border-left:4px solid #7a5c00;padding-left:.6rem}
.note{color:#4d5b57}.stage{font-weight:600}.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(22rem,1fr));gap:1rem}details{margin:.4rem 0}pre{white-space:pre-wrap;margin:.2rem 0}`;

/** `body` is HTML whose every outside text has been escaped already. */
export function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} - HubSpot emulator</title><style>${style}</style></head><body><main>${body}</main>
<footer class="note"><p>This is Baton's HubSpot emulator, not HubSpot. <a href="/">All portals</a></p></footer></body></html>`;
}
