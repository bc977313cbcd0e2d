import { crossings, nodes, quadrature, vectors } from "./model.js";
import { clamped, draw, make, shade, share, written } from "./pieces.js";

// Two features: the output as a landscape, with input and baseline to drag.

const SIZE = 320;
const CELLS = 96;

// The output on a grid, row by row from the top.
function grid(model, low, high) {
  const at = (i, k) => low[i] + ((high[i] - low[i]) * k) / CELLS;
  const places = Array.from({ length: CELLS + 1 }, (_, k) => vectors(model, [at(0, k), at(1, k)]));
  const columns = model.columns;
  return Array.from({ length: CELLS + 1 }, (_, row) => {
    const second = places[CELLS - row][1];
    const first = Array.from({ length: model.rows }, (__, i) =>
      second.reduce((sum, v, j) => sum + v * model.coefficients[i * columns + j], 0),
    );
    return places.map(([v]) => v.reduce((sum, entry, i) => sum + entry * first[i], 0));
  });
}

// Where the output is the threshold: a line through each cell that it crosses.
function contour(values, threshold) {
  const step = SIZE / CELLS;
  const parts = [];
  for (let r = 0; r < CELLS; r += 1) {
    for (let c = 0; c < CELLS; c += 1) {
      const corners = [[r, c], [r, c + 1], [r + 1, c + 1], [r + 1, c]];
      const ends = corners.flatMap(([i, j], k) => {
        const [m, n] = corners[(k + 1) % 4];
        const [a, b] = [values[i][j] - threshold, values[m][n] - threshold];
        if (a >= 0 === b >= 0) return [];
        const t = a / (a - b);
        return [`${((j + t * (n - j)) * step).toFixed(1)},${((i + t * (m - i)) * step).toFixed(1)}`];
      });
      for (let k = 0; k + 1 < ends.length; k += 2) parts.push(`M${ends[k]}L${ends[k + 1]}`);
    }
  }
  return parts.join("");
}

function painted(canvas, values) {
  const most = Math.max(...values.flat().map(Math.abs)) || 1;
  const size = CELLS + 1;
  [canvas.width, canvas.height] = [size, size];
  const context = canvas.getContext("2d");
  const image = context.createImageData(size, size);
  values.flat().forEach((number, k) => image.data.set([...shade(number / most), 255], 4 * k));
  context.putImageData(image, 0, 0);
}

function handle(name, shape, move, focusText) {
  const node = draw("g", { class: "handle", tabindex: 0, role: "slider", "aria-label": name });
  node.append(draw("circle", { r: 22, class: "reach" }), shape);
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  node.addEventListener("keydown", (event) => {
    if (!(event.key in steps)) return;
    event.preventDefault();
    const size = event.shiftKey ? 0.01 : 0.05;
    move.by(steps[event.key].map((one) => one * size));
  });
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    node.focus({ preventScroll: true });
    event.stopPropagation();
  });
  node.addEventListener("pointermove", (event) => {
    if (node.hasPointerCapture(event.pointerId)) move.to(event);
  });
  const show = (x, y, output, text) => {
    node.setAttribute("transform", `translate(${x} ${y})`);
    node.setAttribute("aria-valuenow", output.toFixed(3));
    node.setAttribute("aria-valuetext", focusText(text));
  };
  return { node, show };
}

export function plane(view) {
  const { low, high, names } = view;
  const canvas = make("canvas", { "aria-hidden": "true" });
  const svg = draw("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "group", "aria-label": "landscape of the output" });
  const level = draw("path", { class: "level" });
  const path = draw("path", { class: "path" });
  const slices = draw("path", { class: "slices" });
  const dots = draw("g", { class: "dots" });
  const flips = draw("g", { class: "flips" });
  const onto = (p) => [share(p[0], low[0], high[0]) * SIZE, (1 - share(p[1], low[1], high[1])) * SIZE];
  const inside = (p) => p.map((u, i) => clamped(u, low[i], high[i]));
  const place = (event) => {
    const box = svg.getBoundingClientRect();
    const [a, b] = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
    return inside([low[0] + a * (high[0] - low[0]), low[1] + b * (high[1] - low[1])]);
  };
  const mover = (key) => ({
    to: (event) => view.change({ [key]: place(event) }),
    by: (step) => {
      const other = view.state[key === "x" ? "b" : "x"];
      // A step that would pass the other handle stops beside it, so that both can be level.
      const next = (u, i) => ((u - other[i]) * (u + step[i] - other[i]) < 0 ? other[i] : u + step[i]);
      view.change({ [key]: inside(view.state[key].map(next)) });
    },
  });
  const said = (p) => names.map((name, i) => `${name} ${view.raw(i, p[i])}`).join(", ");
  const start = handle("baseline", draw("rect", { x: -7, y: -7, width: 14, height: 14, class: "from" }), mover("b"), said);
  const input = handle("input", draw("circle", { r: 8, class: "to" }), mover("x"), said);
  svg.addEventListener("pointerdown", (event) => view.change({ x: place(event) }));
  svg.append(level, slices, path, dots, flips, start.node, input.node);
  const legend = make("p", { class: "note" },
    "● input, □ baseline; line: path of integrated gradients, dots where it is evaluated; dashed: ",
    "the slices that Taylor-∞ sees; ◆ where one feature alone flips the decision; thin line: output ",
    written(view.threshold, 2));
  const scale = (i) => `${names[i]}, ${view.raw(i, low[i])} to ${view.raw(i, high[i])} →`;
  const axes = [make("span", { class: "axis" }, scale(0)), make("span", { class: "axis up" }, scale(1))];
  const node = make("div", { class: "plane" }, make("div", { class: "map" }, canvas, svg), ...axes, legend);
  let drawn = null;
  const show = (model, now) => {
    if (drawn !== model) {
      const values = grid(model, low, high);
      painted(canvas, values);
      level.setAttribute("d", contour(values, view.threshold));
      drawn = model;
    }
    const [from, to] = [onto(now.b), onto(now.x)];
    path.setAttribute("d", `M${from}L${to}`);
    slices.setAttribute("d", `M${from}L${onto([now.x[0], now.b[1]])}M${from}L${onto([now.b[0], now.x[1]])}`);
    const spots = quadrature(nodes(model, now.x, now.b)).map(([t]) => now.b.map((u, i) => u + t * (now.x[i] - u)));
    dots.replaceChildren(...spots.map(onto).map(([cx, cy]) => draw("circle", { cx, cy, r: 1.6 })));
    const found = [0, 1].flatMap((i) =>
      crossings(model, now.x, i, view.threshold, low[i], high[i])
        .filter(Number.isFinite)
        .map((u) => onto(i ? [now.x[0], u] : [u, now.x[1]])),
    );
    flips.replaceChildren(...found.map(([x, y]) => draw("path", { d: "M0-6L6 0L0 6L-6 0Z", transform: `translate(${x} ${y})` })));
    start.show(...from, now.start, now.b);
    input.show(...to, now.output, now.x);
  };
  return { node, show };
}
