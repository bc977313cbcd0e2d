import { crossings } from "./model.js";
import { bar, make, share, slider, written } from "./pieces.js";

// Many features: a slider and a bar each, with a mark where the feature alone flips the decision.

export function features(view) {
  const { low, high, names } = view;
  const rows = names.map((name, i) => {
    const change = (u) => view.change({ x: view.state.x.map((old, k) => (k === i ? u : old)) });
    const control = slider(name, low[i], high[i], change);
    const marks = [0, 1].map(() => make("span", { class: "flip", "aria-hidden": "true" }, "◆"));
    const number = make("span", { class: "number" });
    const part = bar();
    const given = make("span", { class: "number" });
    const node = make("div", { class: "feature" },
      make("span", { class: "name" }, name),
      make("span", { class: "slide" }, control.node, ...marks),
      given, part.node, number);
    return { node, control, marks, given, part, number };
  });
  const head = make("div", { class: "feature head", "aria-hidden": "true" },
    make("span", {}, "feature"), make("span", {}, "move it; ◆ flips the decision"),
    make("span", { class: "number" }, view.unit), make("span", {}), make("span", { class: "number" }, "part"));
  const node = make("div", { class: "features" }, head, ...rows.map((row) => row.node));
  const show = (model, now, chosen, most) => {
    rows.forEach((row, i) => {
      const at = now.x[i];
      const flips = crossings(model, now.x, i, view.threshold, low[i], high[i]);
      row.marks.forEach((mark, k) => {
        mark.hidden = !Number.isFinite(flips[k]);
        mark.style.left = `calc(8px + ${share(flips[k], low[i], high[i])} * (100% - 16px))`;
      });
      const near = flips.filter(Number.isFinite).map((u) => view.raw(i, u));
      const says = near.length ? `flips the decision at ${near.join(" or ")}` : "never flips the decision alone";
      row.control.show(at, `${view.raw(i, at)}, ${says}`);
      row.given.textContent = view.raw(i, at);
      row.part.show(chosen.values[i], most);
      row.number.textContent = written(chosen.values[i], 3, true);
    });
  };
  return { node, show };
}
