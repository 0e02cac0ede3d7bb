/** The only style of the status page; the policy of its content allows this text and no other. */
export const STATUS_STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --ok: #1a7f37; --degraded: #9a6700; --down: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --ok: #3fb950; --degraded: #d29922; --down: #f85149; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; font: 15px/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
time, .none { opacity: .7; }
.ok { color: var(--ok); } .degraded, .half-open { color: var(--degraded); } .down, .open { color: var(--down); }
.state { font-weight: 650; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .7rem; text-align: left; vertical-align: baseline; white-space: nowrap; }
th { font-weight: 600; background: var(--soft); }
tr + tr td { border-top: 1px solid var(--line); }
.number { text-align: right; }
meter { width: 5rem; height: .8rem; vertical-align: -1px; }
@media (max-width: 40rem) {
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody, tr, td { display: block; }
  tr { padding: .4rem 0; }
  tr + tr { border-top: 1px solid var(--line); }
  tr td, tr + tr td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: .15rem .7rem; white-space: normal; overflow-wrap: anywhere; text-align: right; }
  td::before { content: attr(data-name); opacity: .7; text-align: left; white-space: nowrap; }
}
`;
