// How the page of a backtest looks: by day, by night, on a phone and on paper. Called by backtest-page.ts.
export const backtestStyle = `
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --text: #1d2433; --dim: #5b6577; --line: #dfe3ea; --bar: #c2410c; --low: #2f7d4f; --middle: #a15c00; --high: #b42318 }
@media (prefers-color-scheme: dark) { :root { --back: #12151c; --card: #1b202a; --text: #e6e9ef; --dim: #9aa4b5; --line: #2e3542; --bar: #fb923c; --low: #6fcf97; --middle: #f2b84b; --high: #ff8a80 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 3rem; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 }
h2 { font-size: 1.1rem; margin: 0; display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; justify-content: space-between }
p { margin: .4rem 0 }
header p, .where, footer, dt, .axis, .tiles span { color: var(--dim) }
.where, footer, dt, .axis { font-size: .85rem }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1rem 0 }
.tiles div, section { background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.tiles div { padding: .6rem .9rem; display: flex; flex-direction: column }
.tiles b { font-size: 1.4rem; font-variant-numeric: tabular-nums }
.tiles span { font-size: .85rem }
section { padding: 1rem; margin: .75rem 0; break-inside: avoid }
.badge { font-size: .8rem; font-weight: 600; border: 1px solid; border-radius: 99px; padding: 0 .6rem; white-space: nowrap }
.low { color: var(--low) } .middle { color: var(--middle) } .high, .fault { color: var(--high) }
.strip { display: block; width: 100%; height: 34px; margin-top: .5rem; background: var(--back); border: 1px solid var(--line); border-radius: 4px }
.strip rect { fill: var(--bar) }
.axis { display: flex; justify-content: space-between; font-variant-numeric: tabular-nums }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .5rem 1rem; margin: .75rem 0 }
@media (min-width: 50rem) { dl { grid-template-columns: repeat(4, 1fr) } }
dd { margin: 0; font-variant-numeric: tabular-nums }
code { font: .9em ui-monospace, monospace }
.advice { border-left: 3px solid var(--bar); padding-left: .75rem }
summary { cursor: pointer; color: var(--dim); font-size: .85rem }
.tables { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin-top: .5rem }
table { border-collapse: collapse; font-size: .85rem; flex: 1 1 14rem; align-self: flex-start }
th, td { text-align: left; padding: .2rem .5rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td:not(:first-child), th:not(:first-child) { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
ul { margin: .4rem 0; padding-left: 1.2rem }
@media print { :root { font-size: 11px; color-scheme: light; --back: #fff; --card: #fff; --text: #000; --dim: #444; --line: #bbb; --bar: #c2410c; --low: #1b6b3a; --middle: #8a4b00; --high: #a01515 } body { max-width: none; padding: 0; font-size: 1rem } .strip { print-color-adjust: exact; -webkit-print-color-adjust: exact } details:not([open])::details-content { content-visibility: visible; block-size: auto } }
`
