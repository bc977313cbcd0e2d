import { expected, marginal } from "./model.js";
import { bar, choice, draw, make, slider, written } from "./pieces.js";

// All methods side by side, and the dial t between Taylor-∞, Banzhaf, Shapley and occlusion.

// Every method's numbers: a row a method, the last column what is left over.
export function table(names, methods) {
  const cells = methods.map(() => [...names, ""].map(() => make("td")));
  const rows = methods.map((method, k) => make("tr", {}, make("th", { scope: "row" }, method.name), ...cells[k]));
  const titles = [...names, "left over"].map((name) => make("th", { scope: "col" }, name));
  const head = make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "method"), ...titles));
  const units = make("p", { class: "note" }, "Parts of the output; gradient, SmoothGrad and LIME: slopes per radian.");
  const node = make("div", {}, units, make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "all methods" },
    make("table", {}, head, make("tbody", {}, ...rows))));
  const show = (found) => {
    found.forEach(({ values, residual }, k) => {
      const most = Math.max(...values.map(Math.abs)) || 1;
      [...values, residual].forEach((number, i) => {
        const size = i < values.length ? Math.abs(number) / most : 0;
        const colour = number < 0 ? "125, 98, 168" : "200, 100, 0";
        cells[k][i].textContent = written(number, 3);
        cells[k][i].style.background = `rgba(${colour}, ${(0.3 * size).toFixed(2)})`;
      });
    });
  };
  return { node, show };
}

// Two features: bars for every method.
export function bars(names, methods) {
  const rows = methods.map((method) => {
    const parts = names.map(() => [bar(), make("span", { class: "number" })]);
    const rest = make("span", { class: "number rest" });
    const lines = parts.map(([one, number], i) =>
      make("div", { class: "line" }, make("span", { class: "name" }, names[i]), one.node, number));
    const node = make("div", { class: "method" },
      make("div", { class: "title" }, make("strong", {}, method.name), rest), ...lines);
    return { node, parts, rest };
  });
  const node = make("div", { class: "bars" }, ...rows.map((row) => row.node));
  const show = (found, most) => {
    found.forEach(({ values, residual, unit, complete }, k) => {
      rows[k].parts.forEach(([one, number], i) => {
        one.show(values[i], most);
        number.textContent = written(values[i], 3, true);
      });
      rows[k].rest.textContent = complete ? `left over ${written(residual, 3, true)}` : unit;
    });
  };
  return { node, show };
}

const [WIDTH, HEIGHT, POINTS] = [300, 90, 40];

export function dial(view) {
  const curve = draw("path", { class: "curve" });
  const here = draw("line", { class: "here", y1: 0, y2: HEIGHT });
  const svg = draw("svg", { viewBox: `-4 -4 ${WIDTH + 8} ${HEIGHT + 8}`, "aria-hidden": "true" }, curve, here);
  const control = slider("t, the probability of being present", 0, 1, (t) => view.change({ t }));
  const absence = choice("an absent feature is", [["point", "at the baseline"], ["depolarised", "depolarised"]],
    (key) => view.change({ absence: key }));
  const play = make("button", { type: "button", onclick: () => view.play() }, "play");
  const told = make("p", { class: "note" });
  const parts = view.names.map((name) => {
    const [one, number] = [bar(), make("span", { class: "number" })];
    return { one, number, node: make("div", { class: "line" }, make("span", { class: "name" }, name), one.node, number) };
  });
  const node = make("details", { class: "dial" }, make("summary", {}, "The dial: how present are the features?"),
    make("div", { class: "controls" }, absence.node, play), svg, control.node, told, ...parts.map((part) => part.node));
  const show = (model, now, state) => {
    absence.show(state.absence);
    control.show(state.t, `t = ${written(state.t, 2)}`);
    if (!node.open) return;
    const before = view.absent(model, now, state);
    const values = Array.from({ length: POINTS + 1 }, (_, k) => expected(model, before, now.after, k / POINTS));
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const up = (u) => HEIGHT - ((u - least) / (most - least || 1)) * HEIGHT;
    curve.setAttribute("d", values.map((u, k) => `${k ? "L" : "M"}${(k / POINTS) * WIDTH},${up(u).toFixed(2)}`).join(""));
    here.setAttribute("x1", state.t * WIDTH);
    here.setAttribute("x2", state.t * WIDTH);
    const slope = marginal(model, before, now.after, state.t);
    const largest = Math.max(...slope.map(Math.abs)) || 1;
    parts.forEach(({ one, number }, i) => {
      one.show(slope[i], largest);
      number.textContent = written(slope[i], 3, true);
    });
    const against = state.absence === "point" ? "" : " against depolarised features";
    const spot = { 0: "Taylor-∞", 0.5: "Banzhaf", 1: "occlusion" }[state.t];
    told.textContent = `t = ${written(state.t, 2)}: F = ${written(expected(model, before, now.after, state.t), 3)}; `
      + `bars: its derivatives by each feature's own t${spot ? ` (here: ${spot}${against})` : ""}. `
      + `Their mean over t is the Shapley value${against}.`;
  };
  return { node, show };
}
