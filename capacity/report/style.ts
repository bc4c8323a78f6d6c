// How pages of this room look beyond the frame that all pages share: by day, by night, on a phone and on paper. Called by
// html.ts. The colours of the plots keep apart for eyes that do not tell red from green, and in grey their dashes do.
import type { Words } from '../words.ts'

// A text in quotes of CSS: nothing that could end them, nor the style.
const quoted = (text: string): string => `"${text.replace(/[^\p{L}\p{N} .,:;()/–-]/gu, ' ')}"`

export const style = (title: string, words: Words): string => `
:root{--demand:#14212b;--forecast:#0072b2;--band:#0072b2;--supply:#68757f;--water:#b84a0a;--event:#8a5fa8;--soft-line:#e4e9ec}
@media (prefers-color-scheme:dark){:root{--demand:#e6edf1;--forecast:#56b4e9;--band:#56b4e9;--supply:#93a4b0;--water:#ff9a52;--event:#c9a0e6;--soft-line:#22303a}}
main,header{max-width:73rem}
header{padding-bottom:0}
h3,h4,h5{margin:0;line-height:1.3;overflow-wrap:anywhere}
h3{font-size:1.2rem}
h4{font-size:1rem;margin-top:1rem}
h5{margin-top:.7rem;font-size:.8rem;font-weight:600;color:var(--soft)}
small,.small{font-size:.8rem}
b{font-weight:650}
.asof{margin:0}
.lead{margin:.75rem 0;font-size:1.2rem;line-height:1.4;font-weight:550;max-width:52rem}
.tools{margin:.3rem 0;font-size:.875rem}
.tiles{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:.75rem;margin:1rem 0}
.tile{display:flex;flex-direction:column;padding:.6rem .9rem .7rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
.tile b{font-size:1.6rem;line-height:1.2;font-variant-numeric:tabular-nums}
.tile .sum{display:block;font-size:1.3rem}
.tile .sum+.sum{font-size:1.05rem}
.tile>span{font-size:.9rem}
.tile small{color:var(--soft)}
.alarm b{color:var(--bad)}
.two{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 2rem}
section>h2{margin:1.4rem 0 .4rem}
table{font-size:.9rem}
table.small{font-size:.85rem}
td{overflow-wrap:anywhere;vertical-align:top}
th{font-size:.8rem;line-height:1.25;vertical-align:bottom}
th,td{padding:.3rem .9rem .3rem 0}th{white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
.nowrap,td.number,th.number{white-space:nowrap}
td.number{overflow-wrap:normal}
td.units{min-width:9rem;white-space:normal;overflow-wrap:anywhere}
td.units.strong{min-width:10rem}
.tile,.lead,.labels,.facts,.do,.said{overflow-wrap:anywhere}
.number+td:not(.number),.number+th:not(.number){padding-left:.6rem}
.strong{font-weight:650}
.bar{display:inline-block;width:4.5rem;height:.6rem;vertical-align:baseline;margin-right:.25rem}
.bar .whole{fill:var(--line)}
.bar .used{fill:var(--forecast)}
.bar.over .used{fill:var(--water)}
.bar path{stroke:var(--ink);stroke-width:2;vector-effect:non-scaling-stroke}
.tag{display:inline-block;padding:0 .5em;border:1px solid var(--line);border-radius:1em;font-size:.8rem;font-weight:550;white-space:nowrap}
.tag.over,.tag.late,.tag.awaited{color:var(--bad);border-color:currentColor}
.tag.maybe{color:var(--water);border-color:currentColor}
.risks td:nth-child(2){width:1%;white-space:nowrap}
.risks td:first-child{min-width:9rem}
h2.begin{margin-top:2.2rem}
.pool{margin:1rem 0;padding:1rem 1.25rem 1.25rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
.pool-head{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1rem;justify-content:space-between}
.pool-head h1{margin:0;overflow-wrap:anywhere}
.pool-head>:first-child{flex:1 1 14rem}
.do{font-weight:600;color:var(--soft)}
.do.order{color:var(--ink)}
.labels{margin:.1rem 0;font-size:.8rem;color:var(--soft)}
.label{margin-right:.6rem}
.why{margin:.4rem 0}
.facts{display:flex;flex-wrap:wrap;gap:.4rem 1.75rem;margin:.6rem 0 0}
dt{font-size:.8rem;color:var(--soft)}
dd{margin:0;font-variant-numeric:tabular-nums}
.resource{display:grid;grid-template-columns:minmax(0,1.1fr) minmax(0,1fr);gap:.5rem 1.75rem;margin-top:1rem;padding-top:1rem;border-top:1px solid var(--soft-line)}
.resource figure{margin:0}
.said{font-size:.9rem}
.now{grid-column:1/-1;margin:0}
.said h5:first-child{margin-top:0}
figure+.said{margin-top:.7rem}
.said p{margin:.1rem 0}
.said ul{margin:.1rem 0;padding-left:1.1rem}
.dates{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:.4rem;margin:.1rem 0;max-width:24rem}
.dates dd{font-weight:400}
.dates .likely dd{font-weight:650}
.dates small{display:block;font-weight:400;color:var(--soft)}
.formula{font-variant-numeric:tabular-nums;line-height:1.6}
figcaption{display:flex;flex-wrap:wrap;gap:.1rem .9rem;font-size:.8rem;color:var(--soft)}
figcaption span{display:inline-flex;align-items:center;gap:.35rem;white-space:nowrap}
figcaption svg{width:1.5rem;height:.625rem}
.plot{display:block;width:100%;height:auto}
.plot text{font-size:12.5px;fill:var(--soft);paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
.plot path,figcaption path{fill:none;stroke-linejoin:round}
.grid{stroke:var(--soft-line);stroke-width:1}
.demand{stroke:var(--demand);stroke-width:1.8}
.forecast{stroke:var(--forecast);stroke-width:2.4;stroke-dasharray:7 4}
.plot path.band,.band{fill:var(--band);fill-opacity:.17;stroke:none}
.supply{stroke:var(--supply);stroke-width:3}
.waterline{stroke:var(--water);stroke-width:2.2;stroke-dasharray:12 3 2 3}
.today{stroke:var(--soft);stroke-width:1}
.target{stroke:var(--forecast);stroke-width:1;stroke-dasharray:2 3}
.reach{stroke:var(--forecast);stroke-width:2}
.point{fill:var(--card);stroke:var(--forecast);stroke-width:2.4}
.meets{stroke:var(--water);stroke-width:1;stroke-dasharray:2 3}
.plot path.cross,figcaption path.cross{fill:var(--water);stroke:var(--card);stroke-width:1}
.event rect{fill:var(--event);fill-opacity:.22}
.plot .waterline-text,.plot .meets-text{fill:var(--water);font-weight:600}
.plot .target-text{fill:var(--forecast);font-weight:600}
.what-if{display:grid;grid-template-columns:repeat(auto-fill,minmax(10rem,1fr));gap:0 1rem;align-items:end;padding:.25rem 1.25rem 1.25rem}
input::placeholder{color:var(--soft);opacity:1}
input[aria-invalid]{border-color:var(--bad)}
.scroll{overflow-x:auto;margin-top:1.25rem}
.scroll tr>:first-child{position:sticky;left:0;background:var(--paper)}
@media screen and (min-width:48rem){.what-if .long{grid-column:span 2}}
.scroll td:first-child{min-width:8.5rem;overflow-wrap:break-word}
.scroll th{white-space:normal;min-width:5.5rem;max-width:10rem;overflow-wrap:anywhere}
.scroll .sum{display:block}
.outside{display:block;font-size:.8rem;white-space:normal;word-break:keep-all}
.differs{font-weight:650}
@media screen and (max-width:48rem){.two,.resource{grid-template-columns:minmax(0,1fr)}.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.wide{display:none}.plot text{font-size:16px}.pool{padding:.8rem .9rem 1rem}.lead{font-size:1.05rem}.bar{width:2.2rem}table{font-size:.85rem}.stack thead{display:none}.stack tr{display:flex;flex-wrap:wrap;gap:0 1.1rem;padding:.35rem 0;border-bottom:1px solid var(--line)}.stack td{padding:0;border:0}.stack td:empty{display:none}.stack td:first-child{flex:0 0 100%}.stack td[data-name]{flex:none}.stack td[data-name]::before{content:attr(data-name)" ";color:var(--soft)}.number+td:not(.number){padding-left:0}td.units,td.units.strong{min-width:0}.risks td{display:block;border-bottom:0;padding:.05rem 0}.risks td:nth-child(2){width:auto}.risks td:last-child{border-bottom:1px solid var(--line);padding-bottom:.4rem}.risks td:first-child{padding-top:.4rem}}
@page{size:A4;margin:15mm 13mm 16mm;@top-left{content:"Plimsoll";font:8pt system-ui,"Noto Sans CJK SC",sans-serif;color:#555}@top-right{content:${quoted(title)};font:8pt system-ui,"Noto Sans CJK SC",sans-serif;color:#555}@bottom-right{content:"${words.page[0]}" counter(page) " / " counter(pages) "${words.page[1]}";font:8pt system-ui,"Noto Sans CJK SC",sans-serif;color:#555}}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--paper:#fff;--card:#fff;--line:#c4c9cd;--soft-line:#dfe3e6;--mark:#000;--bad:#a01515;--demand:#000;--forecast:#00598c;--band:#0072b2;--supply:#5b666e;--water:#b0450a;--event:#8a5fa8}
html{font-size:10px}.first section>h2{margin:1rem 0 .2rem}.first td,.first th{padding-top:.2rem;padding-bottom:.2rem}.tiles{margin:.6rem 0}body{font-size:1rem;background:#fff;min-height:0}header,.tools{display:none}main{max-width:none;padding:0}a{color:inherit;text-decoration:none}
.two,.resource{grid-template-columns:repeat(2,minmax(0,1fr))}.tiles{grid-template-columns:repeat(4,minmax(0,1fr));gap:.5rem}.wide{display:table-cell}
.plot text{font-size:12.5px}
h2.begin{break-before:page;margin-top:0}.pool{padding:0;border:0;border-top:2px solid #000;border-radius:0;padding-top:.5rem;margin:0 0 1.5rem}.pool-head,.labels,.why,.facts{break-inside:avoid;break-after:avoid}.resource,tr,h2,h4,.tile{break-inside:avoid}h2,h4,thead{break-after:avoid}thead{display:table-header-group}
.bar,.plot,.tile,figcaption{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`
