// What states, kinds and methods are called. A table; read by ../words.ts.
import type { Language } from '#core/http/language.ts'
import type { LinePlan } from '../plan.ts'
import type { MethodName } from '../pool.ts'
import type { Request, RequestState } from '../request.ts'

type Named<Key extends string> = Readonly<Record<Key, Readonly<Record<Language, string>>>>

export const states: Named<RequestState> = {
  draft: { en: 'draft', zh: '草稿' },
  submitted: { en: 'submitted', zh: '已提交' },
  approved: { en: 'approved', zh: '已批准' },
  rejected: { en: 'rejected', zh: '已驳回' },
  ordered: { en: 'ordered', zh: '已下单' },
  delivered: { en: 'delivered', zh: '已到货' },
  closed: { en: 'closed', zh: '已关闭' },
  withdrawn: { en: 'withdrawn', zh: '已撤回' },
}

export const kinds: Named<Request['kind']> = {
  expand: { en: 'order', zh: '扩容' },
  reclaim: { en: 'give back', zh: '回收' },
}

export const sources: Named<Request['source']> = {
  forecast: { en: 'from the forecast', zh: '由预测生成' },
  person: { en: 'filed by a person', zh: '人工提交' },
}

export const methods: Named<MethodName | 'auto'> = {
  linear: { en: 'straight line (least squares)', zh: '线性回归（最小二乘）' },
  theil_sen: { en: 'robust line (Theil–Sen)', zh: '稳健直线（Theil–Sen）' },
  seasonal_linear: { en: 'line with weekdays', zh: '带星期规律的直线' },
  damped: { en: 'damped smoothing', zh: '阻尼指数平滑' },
  mstl: { en: 'trend and season (MSTL)', zh: '趋势与周期分解（MSTL）' },
  naive: { en: 'as on the last day', zh: '与最后一天相同' },
  seasonal_naive: { en: 'as in the last week', zh: '与上周同日相同' },
  combined: { en: 'mean of several methods', zh: '多种方法的组合' },
  auto: { en: 'chosen by back-test', zh: '由回测选择' },
}

// Why a line has no number of units.
export const causes: Named<NonNullable<LinePlan['why']>> = {
  no_history: { en: 'no history yet', zh: '尚无历史数据' },
  no_supply: { en: 'the supply is not known', zh: '容量未知' },
}
