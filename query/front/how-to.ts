// How to send a first number of one's own, and how to read it back: text to copy, with this service's address and
// token file in place. Called by view.ts.
import { type Html, html } from '#core/http/frame.ts'
import type { Texts } from './texts.ts'

// `url` is where the reader has reached this service; `tokenFile` a whole path.
// The page renews itself under whoever copies from it, unless it is held.
export type Place = Readonly<{
  url: string
  tokenFile: string
  onlyHere: string | undefined
  isHeld: boolean
}>

// Nothing a shell would read as more than text.
export const quoted = (path: string): string =>
  /^[\w./@%+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`

export function howTo({ url, tokenFile, onlyHere, isHeld }: Place, say: Texts): Html {
  const curl = `curl -i ${url}/api/v2/write \\
  -H "Authorization: Token $(cat ${quoted(tokenFile)})" \\
  --data-binary 'deck_load,deck=main value=42'`
  const telegraf = `[[outputs.influxdb_v2]]
  urls = ["${url}"]
  token = "\${PLIMSOLL_TOKEN}"
  organization = "plimsoll"
  bucket = "plimsoll"`
  const prometheus = `remote_write:
  - url: ${url}/api/v1/write
    authorization:
      credentials_file: plimsoll.token`
  return html`<section id="send" aria-labelledby="send-title">
<div class="bar"><h2 id="send-title">${say.send}</h2>${!isHeld && html`<a class="small" href="/?hold#send">${say.holdToCopy}</a>`}</div>
<div class="how">
<div class="card">
<h3>${say.oneLine}</h3>
<pre><code>${curl}</code></pre>
<p>${say.oneLineThen}</p>
<pre><code>./bin/plimsoll query 'deck_load{deck="main"}'</code></pre>
<p>${say.tokenWhy}</p>
<pre><code>./bin/plimsoll token create NAME --scopes write</code></pre>
${onlyHere !== undefined && html`<p class="soft">${onlyHere}</p>`}
</div>
<div class="card">
<h3>${say.telegraf} <span class="soft small">telegraf.conf</span></h3>
<pre><code>${telegraf}</code></pre>
<h3>${say.prometheus} <span class="soft small">prometheus.yml</span></h3>
<pre><code>${prometheus}</code></pre>
</div>
</div>
</section>`
}
