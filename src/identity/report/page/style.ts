/** The page's whole look: no font, script or image from anywhere. */
export const style = `
:root { color-scheme: light dark; --ink: #1b2430; --soft: #5a6675; --paper: #ffffff; --panel: #f4f6f8; --rule: #d8dee5; --one: #2463b8; --two: #b3540a; --good: #1c6e3d; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf2; --soft: #a7b3c0; --paper: #12171d; --panel: #1b222b; --rule: #323c48; --one: #7fb2f5; --two: #f0a35e; --good: #6fcf94; --bad: #f28b82; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .4rem 0; max-width: 46rem; } .soft { color: var(--soft); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; list-style: none; }
.tiles li { background: var(--panel); border-radius: .5rem; padding: .75rem 1rem; } .tiles strong { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; } th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--rule); }
th { color: var(--soft); font-weight: 600; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.text { min-width: 9rem; overflow-wrap: break-word; }
.good { color: var(--good); font-weight: 600; white-space: nowrap; } .bad { color: var(--bad); font-weight: 600; white-space: nowrap; }
svg { width: 100%; min-width: 34rem; height: auto; display: block; } svg text { fill: var(--ink); font: 12px system-ui, sans-serif; } svg .axis { fill: var(--soft); }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
.grid { stroke: var(--rule); } .base { stroke: var(--soft); } .line { fill: none; stroke-width: 2; } .line.one { stroke: var(--one); } .line.two { stroke: var(--two); stroke-dasharray: 6 3; }
.dot.one { fill: var(--one); } .dot.two { fill: var(--two); } .bar { fill: var(--one); } .bar.against { fill: var(--two); }
.legend { font-size: .9rem; color: var(--soft); } .key { display: inline-block; width: 1.25rem; height: 0; border-top: 3px solid var(--one); margin: 0 .4rem .25rem 0; vertical-align: middle; } .key.two { border-top: 3px dashed var(--two); margin-left: 1rem; }
@media print { body { max-width: none; padding: 0; } h2 { break-after: avoid; } svg, tr { break-inside: avoid; } }
`;
