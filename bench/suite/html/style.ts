/** Colours that are told apart on white and on black, also by those who see fewer. */
const COLORS = {
  'consolidated-db': ['#0b6e4f', '#3ddc97'],
  'named-pooled': ['#6a994e', '#a7c957'],
  'per-call': ['#8d6e63', '#bcaaa4'],
  'postgres-js': ['#3a5bd9', '#8ea6ff'],
  pg: ['#b8336a', '#ff8ab8'],
  drizzle: ['#d97706', '#fdba74'],
  kysely: ['#6b7280', '#c3c8d2'],
  prisma: ['#7c3aed', '#c4b5fd'],
  'supabase-server': ['#0891b2', '#67e8f9'],
  'supabase-js': ['#65a30d', '#bef264'],
  'raw-socket': ['#111827', '#f9fafb'],
  pgbench: ['#991b1b', '#fca5a5'],
} as const;

const entries = Object.entries(COLORS);
const colorsOf = (theme: 0 | 1): string =>
  entries.map(([name, colors]) => `.c-${name} { color: ${colors[theme]} }`).join('\n');

export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2127; --faint: #59636e; --line: #d4dae1; --paper: #ffffff; --card: #f6f8fa }
${colorsOf(0)}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf1; --faint: #9aa5b1; --line: #363d46; --paper: #0e1116; --card: #161b22 }
  ${colorsOf(1)}
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 1180px; margin: 0 auto; padding: 24px 16px 64px }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px }
h2 { font-size: 20px; margin: 40px 0 4px }
p, ul { max-width: 72ch }
.faint { color: var(--faint) }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); gap: 16px; margin-top: 16px }
figure { margin: 0; padding: 14px; background: var(--card); border: 1px solid var(--line); border-radius: 8px }
figcaption { font-size: 14px; line-height: 1.4; margin-bottom: 8px }
svg { display: block; width: 100%; height: auto; overflow: visible }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink) }
svg text.faint { fill: var(--faint) }
.grid { stroke: var(--line) }
.fill { fill: currentColor }
.stroke { stroke: currentColor; stroke-width: 2; fill: none }
.middle { fill: var(--ink) }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; list-style: none; font-size: 14px }
.legend b { color: var(--ink); font-weight: 500 }
.table { overflow-x: auto }
table { border-collapse: collapse; font-size: 14px; margin-top: 12px; min-width: 100% }
th, td { text-align: left; padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
.met { color: #0b6e4f } .missed { color: #b42318 }
@media (prefers-color-scheme: dark) { .met { color: #3ddc97 } .missed { color: #ff8a80 } }
`;
