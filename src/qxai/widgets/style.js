// The look: colours of the page around it, so that it follows the theme.
export const STYLE = `
:host { display: block; margin: 1rem 0; }
.box { border: 1px solid var(--pst-color-border, var(--jp-border-color1, #bbb)); border-radius: 6px;
  color: var(--pst-color-text-base, var(--jp-ui-font-color1, #222)); font: 0.9rem/1.4 system-ui, sans-serif;
  padding: 0.75rem; container-type: inline-size;
  background: var(--pst-color-background, var(--jp-layout-color0, #fff)); }
.controls { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: end; margin-bottom: 0.4rem; }
.choice { display: flex; flex-direction: column; font-size: 0.8rem; max-width: 100%; }
.choice.wide { flex: 1 1 14rem; }
select, button { font: inherit; color: inherit; padding: 0.25rem 0.5rem; min-height: 2rem; max-width: 100%;
  background: var(--pst-color-surface, var(--jp-layout-color2, #eee));
  border: 1px solid var(--pst-color-border, var(--jp-border-color1, #999)); border-radius: 4px; }
button { cursor: pointer; }
:is(select, button, input, summary, .scroll, .handle):focus-visible {
  outline: 2px solid var(--pst-color-primary, var(--jp-brand-color1, #0a7d91)); outline-offset: 2px; }
.told { margin: 0.3rem 0; font-variant-numeric: tabular-nums; min-height: 1.4em; }
.note { font-size: 0.78rem; margin: 0.4rem 0 0; color: var(--pst-color-text-muted, var(--jp-ui-font-color2, #555)); }
.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
.track { position: relative; display: block; height: 0.8rem; min-width: 3rem;
  background: linear-gradient(currentColor, currentColor) center / 1px 100% no-repeat; }
.bar { position: absolute; top: 0; bottom: 0; border-radius: 1px; }
input[type="range"] { width: 100%; margin: 0; min-height: 1.6rem; accent-color: var(--pst-color-primary, #0a7d91); }
.feature { display: grid; grid-template-columns: 8.5rem minmax(6rem, 2fr) 4.5rem minmax(4rem, 1.5fr) 3.8rem;
  gap: 0 0.6rem; align-items: center; }
.feature.head { font-size: 0.78rem; color: var(--pst-color-text-muted, var(--jp-ui-font-color2, #555)); }
.slide { position: relative; display: block; }
.flip { position: absolute; top: -0.1rem; font-size: 0.6rem; transform: translateX(-50%); pointer-events: none;
  color: #c8102e; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.78rem; font-variant-numeric: tabular-nums; margin-top: 0.4rem; }
caption { text-align: left; font-size: 0.78rem; }
th, td { padding: 0.1rem 0.35rem; text-align: right; border-bottom: 1px solid var(--pst-color-border, var(--jp-border-color2, #ddd)); }
th:first-child { text-align: left; white-space: nowrap; position: sticky; left: 0;
  background: var(--pst-color-background, var(--jp-layout-color0, #fff)); }
thead th { vertical-align: bottom; }
summary { cursor: pointer; padding: 0.3rem 0; }
.flat .stage { display: grid; grid-template-columns: minmax(0, 23rem) minmax(0, 1fr); gap: 1rem; }
.plane { display: grid; grid-template-columns: 1.4rem minmax(0, 1fr); align-content: start; }
.map { position: relative; grid-column: 2; grid-row: 1; aspect-ratio: 1; }
.map canvas, .map svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.map svg { overflow: visible; }
.axis { grid-column: 2; font-size: 0.8rem; }
.axis.up { grid-column: 1; grid-row: 1; text-align: left; white-space: nowrap; writing-mode: vertical-rl; transform: rotate(180deg); }
.plane .note { grid-column: 1 / -1; }
.handle { cursor: grab; touch-action: none; }
.reach { fill: transparent; }
.to { fill: #111; stroke: #fff; stroke-width: 2; }
.from { fill: #fff; stroke: #111; stroke-width: 2; }
.handle:focus-visible { outline: none; }
.handle:focus-visible .reach { stroke: #111; stroke-width: 2; stroke-dasharray: 3 2; }
.level { stroke: #333; stroke-width: 0.8; fill: none; }
.path { stroke: #111; stroke-width: 1.6; }
.slices { stroke: #111; stroke-width: 1.2; stroke-dasharray: 5 4; fill: none; }
.flips path { fill: #c8102e; stroke: #fff; }
.bars { display: grid; gap: 0.35rem; align-content: start; }
.title { display: flex; justify-content: space-between; gap: 0.5rem; font-size: 0.82rem; }
.title .rest { color: var(--pst-color-text-muted, var(--jp-ui-font-color2, #555)); }
.line { display: grid; grid-template-columns: minmax(3rem, 7rem) minmax(0, 1fr) 3.6rem; gap: 0.5rem; align-items: center;
  font-size: 0.78rem; }
.dial svg { display: block; width: 100%; max-width: 24rem; margin: 0.3rem 0; }
.dial input { max-width: 24rem; }
.dial .line { max-width: 24rem; }
.curve { fill: none; stroke: currentColor; stroke-width: 1.5; }
.here { stroke: #c8102e; }
@media print { .box, .feature, .method, table { break-inside: avoid; } }
@container (max-width: 36rem) {
  .flat .stage { grid-template-columns: minmax(0, 1fr); }
  .feature { grid-template-columns: minmax(0, 1fr) 4.5rem 3.8rem; padding: 0.15rem 0; }
  .feature .name { grid-column: 1 / -1; }
  .feature .track { grid-column: 1 / 3; grid-row: 3; }
  .feature .number:last-child { grid-column: 3; grid-row: 3; }
  .feature .slide { grid-column: 1 / 3; grid-row: 2; }
  .feature .slide + .number { grid-column: 3; grid-row: 2; }
  .feature.head { display: none; }
}
`;
