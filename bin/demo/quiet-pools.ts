// Three pools for which nothing has to be ordered: what was too much, what becomes less, what was not measured for a while.
// Called by pools.ts.
import { cpu, cpuOf, type DemoPool, without } from './parts.ts'
import { daily, growth, office, times } from './series.ts'

const yuan = (perUnit: number) => ({ per_unit: perUnit, currency: 'CNY' })

// Ordered for what never came.
const reports = (): DemoPool => ({
  name: 'reports',
  settings: {
    labels: { owner: 'finance', module: 'reports' },
    unit: 'server',
    lead_time: '14d',
    spare: 'N+1',
    cost: yuan(1_900),
    resources: { cpu: cpu('reports', 32) },
  },
  series: cpuOf({ module: 'reports', each: 6 }, () =>
    times(growth(0.01), daily(0.7, 10), office, () => 0.16),
  ),
})

// Fewer from month to month.
const mail = (): DemoPool => ({
  name: 'mail',
  settings: {
    labels: { owner: 'platform', module: 'mail' },
    unit: 'server',
    lead_time: '14d',
    spare: 'N+1',
    cost: yuan(1_200),
    resources: { cpu: cpu('mail', 16) },
  },
  series: cpuOf({ module: 'mail', each: 5 }, () => times(growth(-0.12), daily(0.6, 11), office, () => 0.2)),
})

// Three days in which nobody measured.
const dns = (): DemoPool => ({
  name: 'dns',
  settings: {
    labels: { owner: 'network', module: 'dns' },
    unit: 'server',
    lead_time: '14d',
    spare: 'N+1',
    resources: { cpu: cpu('dns', 8) },
  },
  series: cpuOf({ module: 'dns', each: 3 }, () =>
    without(
      times(growth(0.03), daily(0.35), () => 0.33),
      -20,
      -17,
    ),
  ),
})

export const quietPools = (): DemoPool[] => [reports(), mail(), dns()]
