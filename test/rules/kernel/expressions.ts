// Expressions by chance of those that are compiled. Called by the tests of kernels.
import fc from 'fast-check'

const window = fc.constantFrom('1s', '10s', '30s', '1m', '2m', '6m')
const overTime = fc.constantFrom(
  ...['avg', 'sum', 'min', 'max', 'count', 'last', 'first', 'stddev', 'stdvar', 'present', 'mad'].map(
    each => `${each}_over_time`,
  ),
  ...['ts_of_last_over_time', 'ts_of_max_over_time', 'ts_of_first_over_time', 'ts_of_min_over_time'],
  ...['rate', 'increase', 'delta', 'irate', 'idelta', 'resets', 'changes', 'deriv'],
)
const ofNumber = fc.constantFrom(
  ...['abs', 'ceil', 'floor', 'round', 'sgn', 'sqrt', 'ln', 'exp', 'log2', 'sin', 'deg', '-', '+'],
)
const number = fc.constantFrom(
  ...['5', '0', '-0', '3.5', '-2', 'NaN', 'Inf', '-Inf', '2 * 3', '(1024 ^ 2) / 1e5', '-(7 % 4)', '5m'],
  ...['pi()', '(2 > bool 1)', '1e308', '+5'],
)
const arithmetic = fc.constantFrom('+', '-', '*', '/', '%', '^', 'atan2')
const comparison = fc.constantFrom('==', '!=', '>', '<', '>=', '<=')
const operator = fc.oneof(
  { weight: 2, arbitrary: comparison },
  arithmetic,
  comparison.map(each => `${each} bool`),
)
const matching = fc.constantFrom('', '', ' ignoring ()')

const text = (strings: readonly string[], ...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map(found => strings.map((each, at) => each + (found[at] ?? '')).join(''))

const selector = fc.constantFrom('m', 'm{host!="x",dc=""}', '{dc="",__name__="m",host!="x"}')

// All of one selector.
export const expression = selector.chain(m => {
  const one = fc.constant(m)
  return fc.letrec<{ vector: string }>(tie => ({
    vector: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      one,
      text`${overTime}(${one}[${window}])`,
      text`quantile_over_time(${fc.constantFrom('0', '0.5', '1', '3 / 4')}, ${one}[${window}])`,
      text`double_exponential_smoothing(${one}[${window}], 0.3, 0.7)`,
      text`${ofNumber}(${tie('vector')})`,
      text`(${tie('vector')}) ${operator} (${number})`,
      text`(${number}) ${operator} (${tie('vector')})`,
      text`(${tie('vector')}) ${operator}${matching} (${tie('vector')})`,
      text`(${tie('vector')}) ${fc.constantFrom('and', 'or', 'unless')}${matching} (${tie('vector')})`,
      text`clamp(${tie('vector')}, ${fc.constantFrom('-1', '0', '-Inf')}, ${fc.constantFrom('4', 'Inf', 'NaN')})`,
      text`clamp_min(${tie('vector')}, ${number})`,
      text`clamp_max(${tie('vector')}, ${number})`,
      text`round(${tie('vector')}, ${number})`,
    ),
  })).vector
})
