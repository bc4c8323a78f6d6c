// What each finding of a forecast means, and what to do about it. A table; read by ../words.ts.
import type { Language } from '#core/http/language.ts'
import type { FindingKind } from '../forecast.ts'

// `name` stands in lists; `means` is for whoever must decide whether to believe the forecast.
export type FindingWords = Readonly<{ name: string; means: string; todo: string }>

export const findings: Readonly<Record<FindingKind, Readonly<Record<Language, FindingWords>>>> = {
  too_short: {
    en: {
      name: 'too little history',
      means: 'There are too few days to tell growth from chance.',
      todo: 'Read older days by `plimsoll capacity import`, or decide by hand.',
    },
    zh: {
      name: '历史太短',
      means: '天数太少，无法区分增长与偶然波动。',
      todo: '用 `plimsoll capacity import` 导入更早的数据，或由人工判断。',
    },
  },
  gaps: {
    en: {
      name: 'gaps',
      means: 'Days are missing in the middle, so peaks may have been missed.',
      todo: 'Look why nothing was measured; the missing days can be imported.',
    },
    zh: {
      name: '数据缺失',
      means: '中间有若干天没有数据，可能漏掉了峰值。',
      todo: '查明为何没有采集；缺失的日期可以补导。',
    },
  },
  stale: {
    en: {
      name: 'no news',
      means: 'The last days have no measurement; the forecast does not know them.',
      todo: 'See whether the pool still exists and its agents still send.',
    },
    zh: {
      name: '数据中断',
      means: '最近几天没有数据，预测不了解近况。',
      todo: '确认资源池是否仍在使用、采集是否正常。',
    },
  },
  constant: {
    en: {
      name: 'never changes',
      means: 'The number was the same on every day, which real demand rarely is.',
      todo: 'Check that the question measures demand and not a limit.',
    },
    zh: {
      name: '数值不变',
      means: '每天的数值完全相同，真实需求很少如此。',
      todo: '检查查询语句测的是用量而不是上限。',
    },
  },
  level_shift: {
    en: {
      name: 'jump',
      means: 'Demand jumped to another level and stayed there; a line through both sides is tilted.',
      todo: 'If the jump has a reason that does not return (a move, a release), trust the days after it.',
    },
    zh: {
      name: '水平突变',
      means: '需求突然变到另一水平并保持，跨越前后的直线会被带偏。',
      todo: '若原因不会重演（如迁移、上线），以突变之后的数据为准。',
    },
  },
  reset: {
    en: {
      name: 'drops and grows again',
      means: 'It fell suddenly and grew anew, like a leak that restarts or a disk that is cleaned.',
      todo: 'Look at what empties it: without that, it fills as fast as between the drops.',
    },
    zh: {
      name: '骤降后再增长',
      means: '突然下降后重新增长，像泄漏后重启或磁盘被清理。',
      todo: '查明是什么在清空它：若不再清理，将按两次下降之间的速度填满。',
    },
  },
  outliers: {
    en: {
      name: 'single peaks',
      means: 'Some days stand far from the others and pull at the line.',
      todo: 'Name promotions and incidents as `events` of the pool, so that they are taken out.',
    },
    zh: {
      name: '孤立尖峰',
      means: '个别日期明显偏离，会拉动预测线。',
      todo: '把大促、故障等写入资源池的 `events`，即可从拟合中剔除。',
    },
  },
  weekly_season: {
    en: {
      name: 'weekly pattern',
      means: 'Weekdays differ; a plain line runs between them and below the peaks.',
      todo: 'Use `method: auto` or `seasonal_linear` where the peaks decide.',
    },
    zh: {
      name: '每周规律',
      means: '一周各天差异明显，普通直线会低于峰值。',
      todo: '以峰值为准时，使用 `method: auto` 或 `seasonal_linear`。',
    },
  },
  saturated: {
    en: {
      name: 'was full',
      means: 'Demand met the supply: more was wanted than could be measured.',
      todo: 'Order rather more than the forecast says.',
    },
    zh: {
      name: '曾经占满',
      means: '用量达到了容量上限，真实需求高于测得的数值。',
      todo: '订购量宜高于预测值。',
    },
  },
  counter: {
    en: {
      name: 'only ever grows',
      means: 'It looks like a counter, not like a level of use.',
      todo: 'Put `rate(…)` around it in `usage`.',
    },
    zh: {
      name: '只增不减',
      means: '看起来是累计计数器，而不是用量。',
      todo: '在 `usage` 中用 `rate(…)` 计算速率。',
    },
  },
  supply_changed: {
    en: {
      name: 'supply changed',
      means: 'Units were added or taken away within the days that are looked at.',
      todo: 'Nothing, if that was meant; else look for hosts that are missing.',
    },
    zh: {
      name: '容量有变',
      means: '观察期内增加或减少过机器。',
      todo: '若属计划内则无需处理，否则检查是否有机器失联。',
    },
  },
  event_inside: {
    en: {
      name: 'event inside',
      means: 'A planned event lies within the days that are looked at; it was taken out by its factor.',
      todo: 'Check the factor against what came.',
    },
    zh: {
      name: '期内有活动',
      means: '观察期内有计划中的活动，已按系数剔除。',
      todo: '对照实际结果检查系数是否合适。',
    },
  },
  not_a_number: {
    en: {
      name: 'not a number',
      means: 'Some answers were NaN or infinite and were left out.',
      todo: 'Mend the question in `usage`: it may divide by zero.',
    },
    zh: {
      name: '非有效数值',
      means: '部分结果为 NaN 或无穷大，已忽略。',
      todo: '修正 `usage` 中的查询，可能存在除以零。',
    },
  },
}
