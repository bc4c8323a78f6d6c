// What requests say, in Chinese. Called by words.ts.
import { dayText } from '../days.ts'
import { type Basis, type Request, type RequestFact, requestStates } from '../request.ts'
import { states } from '../words/names.ts'
import { counted, measured, money, percent } from './amount.ts'
import { partText } from './part.ts'
import type { Earlier } from './redraft.ts'
import type { Changes, LeftBehind, Risk, RunSummary, TopDraft, Totals } from './summary.ts'
import type { RequestWords, Words } from './words-tongue.ts'

const many = (count: number, unit: string): string => `${counted(count)} ${unit}`

function why(kind: Request['kind'], basis: Basis): string {
  const { resource, resourceUnit, likely, low, high, supply, waterline, targetDay } = basis
  const { spareUnits, onOrderUnits, parts } = basis
  const amount = (value: number): string => measured(value, resourceUnit)
  const sentences = [
    `${resource}：预计 ${dayText(targetDay)} 用量 ${amount(likely)}（${amount(low)} 至 ${amount(high)}），现有 ${amount(supply)}，水位线 ${percent(waterline)}。`,
    metText(kind, basis),
    spareUnits > 0 ? `备用 ${counted(spareUnits)}。` : '',
    onOrderUnits > 0 ? `在途 ${counted(onOrderUnits)}。` : '',
    onOrderUnits < 0 ? `待回收 ${counted(-onOrderUnits)}。` : '',
    parts.length > 0 ? `缺口最大：${parts.map(neededIn).join('、')}。` : '',
  ]
  return sentences.join('')
}

function metText(kind: Request['kind'], { likelyDay, earlyDay, lateDay, isAtRisk }: Basis): string {
  if (kind === 'reclaim' && isAtRisk)
    return '届时余量超出需要；但该资源池在新增容量可用之前存在不足的风险，与回收相矛盾。'
  if (kind === 'reclaim') return '余量超出需要。'
  if (likelyDay === null && earlyDay === null) return '观察期内不会触及水位线。'
  const day = (found: number | null): string => (found === null ? '未预见' : dayText(found))
  return `预计 ${day(likelyDay)} 触及水位线（最早 ${day(earlyDay)}，最晚 ${day(lateDay)}）。`
}

const neededIn = ({ part, units }: Basis['parts'][number]): string => `${partText(part)}（${counted(units)}）`

function run(summary: RunSummary): Words {
  const { month, expand, reclaim, risks, riskCount, unknown, unknownCount, changes, waiting } = summary
  const { contradicted, contradictedCount, earlier, earlierCount } = summary
  const { leftBehind = [], leftBehindCount = 0 } = summary
  const order = expand.pools === 0 ? '无需采购' : `采购 ${totals(expand)}`
  const back = reclaim.pools === 0 ? '' : `，可回收 ${units(reclaim)}`
  const blind = unknownCount === 0 || expand.pools > 0 ? '' : `，${counted(unknownCount)} 个资源池无法预测`
  const lines = [
    expand.pools === 0
      ? `${month} ${unknownCount === 0 ? '' : '就已知部分而言'}无需采购。`
      : `${month} 有 ${counted(expand.pools)} 个资源池需要 ${units(expand)}${costs(expand)}。`,
    reclaim.pools === 0 ? '' : `${counted(reclaim.pools)} 个资源池可回收 ${units(reclaim)}。`,
    contradictedCount === 0
      ? ''
      : `另有 ${counted(contradictedCount)} 个资源池按公式可回收，但在目标日之前有不足的风险，未计入：${contradicted.join('、')}${more(contradictedCount - contradicted.length)}。`,
    ...summary.top.map(topText),
    riskCount === 0
      ? '没有资源池会在新机器到位前触及水位线。'
      : `风险（新机器到位之前）：${risks.map(riskText).join('；')}${more(riskCount - risks.length)}。`,
    unknownCount === 0
      ? ''
      : `无法预测：${unknown.join('、')}${more(unknownCount - unknown.length)}（缺少历史数据或供给数据）。`,
    changes === null ? '' : changesText(changes),
    earlierCount === 0
      ? ''
      : `以往月份的申请仍在等待，未重复生成草案：${earlier.map(earlierText).join('；')}${more(earlierCount - earlier.length)}。`,
    leftBehindCount === 0
      ? ''
      : `以下申请的资源池已不在计划中，不再计入：${leftBehind.map(leftText).join('；')}${more(leftBehindCount - leftBehind.length)}。请转入其他资源池（plimsoll capacity edit 编号 --pool 名称 --why …）、撤回或关闭。`,
    waiting === 0 ? '' : `另有 ${counted(waiting)} 份个人申请待合并或审批。`,
    '草案见 /capacity，或运行 `plimsoll capacity requests`。',
  ]
  return {
    title: `${month} 容量：${order}${back}${blind}`,
    text: lines.filter(each => each !== '').join('\n'),
  }
}

const units = ({ units: found }: Totals): string =>
  found.map(({ unit, units: count }) => many(count, unit)).join('、')
const costs = ({ costs: found }: Totals): string =>
  found.length === 0
    ? ''
    : `，费用 ${found.map(({ amount, currency }) => money(amount, currency)).join(' 和 ')}`
const totals = (found: Totals): string =>
  [units(found), ...found.costs.map(({ amount, currency }) => money(amount, currency))].join('，')
const more = (count: number): string => (count > 0 ? `，以及另外 ${counted(count)} 个` : '')

function topText({ pool, kind, units: count, unit, cost, neededDay, resource }: TopDraft): string {
  const price = cost === null ? '' : `，${money(cost.amount, cost.currency)}`
  return kind === 'expand'
    ? `- ${pool}：${dayText(neededDay)} 前需要 ${many(count, unit)}（${resource}）${price}`
    : `- ${pool}：自 ${dayText(neededDay)} 起可回收 ${many(count, unit)}`
}

function riskText({ pool, resource, kind, earlyDay, servesDay, isAssumed = false }: Risk): string {
  const since = kind === 'over' ? '已超过水位线' : `最早 ${dayText(earlyDay)} 触及`
  const comes = isAssumed ? '在途按交付周期推算' : '在途'
  const serves =
    kind === 'awaited' ? `${comes} ${dayText(servesDay)} 才到货` : `现在下单 ${dayText(servesDay)} 才可用`
  return `${pool}（${resource}）${since}，${serves}`
}

function earlierText({ number, month, pool, kind, state, units: count, unit, neededUnits }: Earlier): string {
  const what = kind === 'expand' ? many(count, unit) : `回收 ${many(count, unit)}`
  const now = neededUnits < 0 ? `回收 ${counted(-neededUnits)}` : counted(neededUnits)
  return `${pool} 的申请 ${number}（${month}，${states[state].zh}，${what}），现在需要 ${now}`
}

const leftText = ({ number, pool, kind, state, units: count, unit }: LeftBehind): string =>
  `${pool} 的申请 ${number}（${states[state].zh}，${kind === 'expand' ? '' : '回收 '}${many(count, unit)}）`

function changesText({ since, count, most }: Changes): string {
  if (count === 0) return `与 ${since} 相比没有变化。`
  const list = most.map(({ pool, was, is }) => `${pool} ${counted(was)} → ${counted(is)}`)
  return `与 ${since} 相比：${list.join('，')}${more(count - most.length)}。`
}

const did: Readonly<Record<string, string>> = {
  ...Object.fromEntries(requestStates.map(state => [state, states[state].zh])),
  draft: '已重新打开',
  made: '已生成',
  edited: '已修改',
  split: '已拆分',
  merged: '已合并',
  noted: '新一轮预测给出不同数量',
}

function change(request: Request, { what, who, why: reason }: RequestFact): Words {
  const { number, pool, part, kind, units: count, unit, deliveredUnits, dueDay, cost, state } = request
  const where = `资源池 ${pool}${partText(part) === '' ? '' : `（${partText(part)}）`}`
  const day = dayText(request.neededDay)
  const came = `已交付 ${counted(deliveredUnits)}/${counted(count)}`
  const lines = [
    kind === 'expand'
      ? `采购 ${many(count, unit)}，${where}，需在 ${day} 前可用。`
      : `回收 ${many(count, unit)}，${where}，可自 ${day} 起回收。`,
    `状态：${states[state].zh}${deliveredUnits > 0 ? `，${came}` : ''}${dueDay === null ? '' : `，预计 ${dayText(dueDay)} ${kind === 'expand' ? '到货' : '归还'}`}。`,
    cost === null ? '' : costText(cost),
    `操作人：${who}${reason === '' ? '' : `：${reason}`}`,
  ]
  const done = what === 'delivered' && deliveredUnits !== count ? came : did[what]
  return {
    title: `申请 ${number}（${pool}，${many(count, unit)}）：${done}`,
    text: lines.filter(each => each !== '').join('\n'),
  }
}

const costText = ({ amount, currency }: NonNullable<Request['cost']>): string =>
  amount < 0 ? `节省：${money(-amount, currency)}。` : `费用：${money(amount, currency)}。`

export const zh: RequestWords = {
  why,
  run,
  change,
  notNeeded: '按今天的预测已不再需要。',
  superseded: month => `已由 ${month} 的草案取代。`,
}
