// The upper card: how fast samples come in, and what it is that runs. Called by view.ts.
import { addressText } from '#core/config/values.ts'
import { type Html, html } from '#core/http/frame.ts'
import type { Facts } from './facts.ts'
import { bytesText, count, digits, moment, span } from './numbers.ts'
import { meanSpeed } from './per-second.ts'
import { spark } from './spark.ts'
import { type Around, labelOf } from './tiles.ts'

const minuteMs = 60_000

export function pulse(facts: Facts, around: Around): Html {
  return html`<section class="card pulse">
<div>
<h2>${around.say.arriving}</h2>
${arriving(facts, around)}
</div>
${running(facts, around)}
</section>`
}

function arriving({ machine, config }: Facts, around: Around): Html {
  const { say, language, range } = around
  const speed = meanSpeed(machine.arriving, minuteMs)
  if (speed === undefined) {
    return html`<p class="soft">${config.agent.enabled ? say.counting : say.notCounted}</p>`
  }
  const figure = (value: number) => ({ number: speedText(value, language), unit: say.arrivingUnit })
  const label = labelOf({ title: say.arriving, figure }, machine.arriving, around)
  return html`<p class="figure">${speedText(speed, language)}<span>${say.arrivingUnit}</span></p>
<p class="note">${say.arrivingWhen}</p>
${spark(machine.arriving, { range, label })}`
}

const speedText = (value: number, language: Around['language']): string =>
  value < 1_000 ? digits(value, language) : count(value, language)

function running({ nowMs, startedMs, version, config, series, size }: Facts, around: Around): Html {
  const { say, language } = around
  const since = moment(startedMs, nowMs, config.timezone)
  const lasting = say.runningFor(span(nowMs - startedMs, language))
  const samples = size && size.samples + size.recentSamples
  const onDisk = size && size.segmentBytes + size.journalBytes
  const each = size && size.samples > 0 && size.segmentBytes / size.samples
  return html`<dl class="facts">
${fact(say.version, version)}
${fact(say.running, since, lasting)}
${fact(say.listening, addressText(config.listen))}
${fact(say.series, count(series, language))}
${samples !== undefined && fact(say.samples, count(samples, language), size!.days > 0 && say.days(size!.days))}
${onDisk !== undefined && fact(say.disk, bytesText(onDisk, language), each && say.perSample(bytesText(each, language)))}
${fact(say.folder, html`<code>${config.data}</code>`, undefined, 'wide')}
</dl>`
}

type Shown = string | Html | undefined | false | 0

const fact = (name: string, value: Shown, more?: Shown, kind = ''): Html =>
  html`<div${kind !== '' && html` class="${kind}"`}><dt>${name}</dt><dd>${value || undefined}${more ? html` <span class="soft">${more}</span>` : undefined}</dd></div>`
