// How the front page looks beyond the frame that all pages share: tiles, small pictures, facts. Called by view.ts.
// Colours are those that the frame names, so light and dark come along.

export const style = `
main{max-width:73rem}
header{max-width:73rem;padding-bottom:0}
.top{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1rem;margin:0 0 .9rem}
.top h1{margin:0 auto 0 0;overflow-wrap:anywhere}
.top form{display:inline}
.top button{all:unset;color:var(--mark);text-decoration:underline;cursor:pointer}
.top a,.top button{display:inline-block;padding:.25rem 0}
.top button:focus-visible{outline:2px solid var(--mark);outline-offset:2px}
.small{font-size:.875rem}
.nowrap{white-space:nowrap}
.warn{margin:0 0 .9rem;padding:.7rem 1rem;border:1px solid var(--bad);border-left-width:.35rem;border-radius:.6rem;background:var(--card)}
.warn b{color:var(--bad)}
.warn p{margin:0}
.said{margin:0 0 1.2rem}
.said .bar{margin-top:0}
.said td{vertical-align:top}
.pulse{display:grid;grid-template-columns:minmax(0,1.15fr) minmax(0,1fr);gap:1rem 2rem;padding:1rem 1.25rem 1.1rem}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:.7rem 1.25rem;margin:0;align-content:center}
.facts .wide{grid-column:1/-1}
dt{font-size:.8rem;color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
dd .soft{font-size:.8rem}
.bar{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .75rem;margin:1.6rem 0 .6rem}
.bar h2{margin:0;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15rem,calc(50% - .375rem)),1fr));gap:.75rem}
.tile{display:flex;flex-direction:column;min-width:0;padding:.7rem .9rem .85rem;overflow:hidden}
.tile h3,.pulse h2{margin:0;font-size:.85rem;font-weight:550;color:var(--soft);overflow-wrap:anywhere}
.figure{margin:.05rem 0 0;font-size:1.65rem;font-weight:600;line-height:1.2;letter-spacing:-.015em;font-variant-numeric:tabular-nums;white-space:nowrap}
.figure span{margin-left:.2em;font-size:.55em;font-weight:500;letter-spacing:0;color:var(--soft)}
.pulse .figure{font-size:2.2rem}
.note{margin:0 0 .5rem;min-height:1.5em;font-size:.8rem;color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.spark{display:block;width:100%;height:2.6rem;margin-top:auto;overflow:visible}
.pulse .spark{height:3.6rem}
.spark path{fill:none;stroke:var(--mark);stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke}
.spark .ground{stroke:var(--line);stroke-width:1}
.spark .area{fill:var(--mark);fill-opacity:.13;stroke:none}
.spark .dot{stroke-width:6}
.high .figure{color:var(--bad)}
.high .spark path:not(.ground,.area){stroke:var(--bad)}
.high .spark .area{fill:var(--bad)}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:0 2rem}
.two>*{min-width:0}
td{overflow-wrap:anywhere}
.held{padding:0 .45em;border:1px solid var(--line);border-radius:1em;font-size:.8rem;color:var(--soft);white-space:nowrap}
td.number{white-space:nowrap}
tr:last-child td{border-bottom:0}
.list{padding:.25rem .6rem;font-size:.9rem}
.list th,.list td{padding:.3rem .5rem}
.list th{font-size:.8rem}
th.number{white-space:nowrap}
.series td:first-child{min-width:10rem}
.empty{margin:0;padding:.9rem 1.25rem;color:var(--soft)}
.how{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(30rem,100%),1fr));gap:.75rem}
.how .card{min-width:0;padding:.9rem 1.1rem}
.how h3{margin:0;font-size:1rem}
.how pre+h3{margin-top:1rem}
.how pre{margin:.4rem 0;font-size:.8rem;line-height:1.5}
.how p{font-size:.875rem}
@media (max-width:48rem){.pulse{grid-template-columns:minmax(0,1fr);padding:.9rem 1rem}.facts{grid-template-columns:repeat(2,minmax(0,1fr))}}
@media (max-width:30rem){.series tr{display:grid;grid-template-columns:1fr minmax(5.5rem,auto) 6rem}.series td:first-child{grid-column:1/-1;padding-bottom:0;border-bottom:0}.series td:nth-child(2){grid-column:1/3;padding-top:0}.series td:nth-child(3){padding-top:0}.tile{padding:.6rem .7rem .75rem}.figure{font-size:1.4rem}.pulse .figure{font-size:1.9rem}.top h1{font-size:1.3rem}.how .card{padding:.8rem .9rem}}
`
