/** The report's style, by the reader's own choice of light or dark. */
export const reportStyle = `
:root { color-scheme: light dark; --page: #fbfbfa; --card: #ffffff; --ink: #1d1f21; --quiet: #63686e; --rule: #e2e3e5; --one: #2563a8; --two: #b4540a;
  --good: #1a6f3c; --bad: #b3261e; --open: #6b6f75; --fault: #b3261e22; }
@media (prefers-color-scheme: dark) { :root { --page: #15171a; --card: #1d2024; --ink: #e8e9eb; --quiet: #a0a5ab; --rule: #32363b; --one: #6fabeb; --two: #eb9b52;
  --good: #5fc98a; --bad: #ff8a80; --open: #9aa0a6; --fault: #ff8a8030; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; }
p { margin: .25rem 0; } .quiet { color: var(--quiet); }
.verdict { font-weight: 600; } .good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--open); }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: .75rem; margin: .5rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--rule); }
th { font-weight: 600; } td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
ul { margin: .25rem 0 0; padding-left: 1.1rem; color: var(--quiet); }
svg { width: 100%; height: auto; min-width: 40rem; }
.fault { fill: var(--fault); } .grid { stroke: var(--rule); } .hover { fill: transparent; } .hover:hover { fill: var(--fault); }
.line { fill: none; stroke-width: 2; } .line.one { stroke: var(--one); } .line.two { stroke: var(--two); }
text { fill: var(--ink); font: 12px system-ui, sans-serif; } .tick { fill: var(--quiet); font-size: 11px; } .title { font-weight: 600; }
`;
