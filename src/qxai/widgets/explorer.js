import { METHODS, depolarised, explanations, readModel, situation } from "./model.js";
import { choice, clamped, make, slider, written } from "./pieces.js";
import { plane } from "./plane.js";
import { features } from "./features.js";
import { bars, dial, table } from "./tables.js";
import { STYLE } from "./style.js";

// The element <qxai-explorer>: its state, what changes it, and the address that keeps it.

const MARK = "#explore:";

function fromAddress(id) {
  const all = location.hash.startsWith(MARK) ? location.hash.slice(MARK.length).split(";") : [];
  const own = all.find((part) => part.startsWith(`${id}?`));
  return own ? Object.fromEntries(new URLSearchParams(own.slice(id.length + 1))) : {};
}

function toAddress(id, fields) {
  const all = location.hash.startsWith(MARK) ? location.hash.slice(MARK.length).split(";") : [];
  const others = all.filter((part) => part && !part.startsWith(`${id}?`));
  const own = `${id}?${new URLSearchParams(fields)}`;
  history.replaceState(null, "", MARK + [...others, own].join(";"));
}

// Numbers of an address: as many as expected, finite and within bounds, or what was there before.
function numbers(text, before, low, high) {
  const found = (text ?? "").split("_").map(Number);
  const good = found.length === before.length && found.every(Number.isFinite) && text;
  return good ? found.map((u, i) => clamped(u, low[i], high[i])) : before;
}

class Explorer extends HTMLElement {
  connectedCallback() {
    const begin = () => {
      const record = this.querySelector('script[type="application/json"]');
      if (record && !this.started) this.start(JSON.parse(record.textContent));
    };
    // While the page is read, an element may be there before what is in it.
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
    else begin();
  }

  start(payload, changed = () => {}) {
    this.started = true;
    this.changed = changed;
    this.payload = payload;
    this.models = payload.models.map((one) => readModel(one.polynomial));
    this.state = this.initial();
    const root = this.attachShadow({ mode: "open" });
    const style = make("style", {}, STYLE);
    root.append(style, this.built());
    this.update();
  }

  initial() {
    const { inputs, baseline, low, high, shift, id } = this.payload;
    const given = fromAddress(id);
    const whole = (text, count) => (Number.isInteger(Number(text)) ? clamped(Number(text ?? 0), 0, count - 1) : 0);
    const row = whole(given.row, inputs.length);
    const real = (text, before, least, most) => numbers(text, [before], [least], [most])[0];
    return {
      model: whole(given.model, this.models.length),
      row,
      x: numbers(given.x, inputs[row], low, high),
      b: numbers(given.b, baseline, low, high),
      method: METHODS.some((m) => m.key === given.method) ? given.method : "shapley",
      absence: given.absence === "depolarised" ? "depolarised" : "point",
      t: real(given.t, 0.5, 0, 1),
      amount: shift ? real(given.amount, shift.start, shift.low, shift.high) : 0,
    };
  }

  change(patch) {
    Object.assign(this.state, patch);
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.update();
      this.keep();
    });
  }

  keep() {
    const { x, b, ...rest } = this.state;
    const short = (list) => list.map((u) => Number(u.toFixed(4))).join("_");
    clearTimeout(this.later); // browsers limit how often the address may change
    this.later = setTimeout(() => {
      if (this.payload.address) toAddress(this.payload.id, { ...rest, x: short(x), b: short(b), t: rest.t.toFixed(2) });
      this.changed({ ...this.state });
    }, 200);
  }

  // What a chosen row, moved by the offset, is as an input.
  input(row, amount) {
    const { inputs, shift, low, high } = this.payload;
    const place = shift ? shift.feature : -1;
    return inputs[row].map((u, i) => (i === place ? clamped(u + amount * shift.slope, low[i], high[i]) : u));
  }

  built() {
    const { payload } = this;
    const view = {
      ...payload,
      state: this.state,
      change: (patch) => this.change(patch),
      play: () => this.play(),
      raw: (i, u) => this.raw(i, u),
      unit: payload.raw ? "value" : "radians",
      absent: (model, now, state) => (state.absence === "point" ? now.before : depolarised(model)),
    };
    this.flat = payload.names.length === 2;
    this.stage = this.flat ? plane(view) : features(view);
    this.numbers = this.flat ? bars(payload.names, METHODS) : table(payload.names, METHODS);
    this.dial = dial(view);
    this.dial.node.addEventListener("toggle", () => this.update());
    this.controls = this.choices(view);
    this.told = make("p", { class: "told", "aria-live": "polite" });
    const reset = make("button", { type: "button", onclick: () => this.reset() }, "reset");
    const shown = Object.values(this.controls).map((one) => one.node);
    const right = this.flat ? this.numbers.node
      : make("details", { open: true }, make("summary", {}, "All methods side by side"), this.numbers.node);
    return make("section", { class: this.flat ? "box flat" : "box", "aria-label": payload.title || "explorer" },
      make("div", { class: "controls" }, ...shown, reset), this.told,
      make("div", { class: "stage" }, this.stage.node, right), this.dial.node,
      make("p", { class: "note" }, "* counts from the depolarised encoding, whatever the baseline; it is QLRP with "
        + "the zero rule where each feature turns a qubit of its own."));
  }

  choices(view) {
    const { payload } = this;
    const found = {};
    if (payload.models.length > 1) {
      found.model = choice("model", payload.models.map((one, k) => [k, one.name]), (k) => view.change({ model: Number(k) }));
    }
    if (payload.inputs.length > 1) {
      found.row = choice(payload.what, payload.labels.map((name, k) => [k, name]), (k) =>
        view.change({ row: Number(k), x: this.input(Number(k), this.state.amount) }));
    }
    if (!this.flat) {
      found.method = choice("bars show", METHODS.map((m) => [m.key, m.name]), (method) => view.change({ method }));
    }
    if (payload.shift) {
      const { label, unit, low, high } = payload.shift;
      const control = slider(label, low, high, (amount) => view.change({ amount, x: this.input(this.state.row, amount) }));
      const number = make("span", { class: "number" });
      const show = (amount) => {
        control.show(amount, `${written(amount, 1)} ${unit}`);
        number.textContent = `${written(amount, 1)} ${unit}`;
      };
      found.amount = { node: make("label", { class: "choice wide" }, make("span", {}, label), control.node, number), show };
    }
    return found;
  }

  raw(i, u) {
    const { raw } = this.payload;
    if (!raw) return written(u, 2);
    const found = raw.mean[i] + 2 * raw.deviation[i] * ((2 / Math.PI) * u - 1);
    const digits = clamped(2 - Math.floor(Math.log10(raw.deviation[i] || 1)), 0, 6);
    return written(found, digits);
  }

  reset() {
    const { inputs, baseline, shift } = this.payload;
    this.change({ x: [...inputs[this.state.row]], b: [...baseline], t: 0.5, absence: "point", amount: shift ? shift.start : 0 });
  }

  // Turns the dial from 0 to 1; at once to the end for those who want no motion.
  play() {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const begin = performance.now();
    const step = (time) => {
      const t = still ? 1 : clamped((time - begin) / 3000, 0, 1);
      this.change({ t });
      if (t < 1 && this.isConnected) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  update() {
    const { state, payload } = this;
    const model = this.models[state.model];
    const now = situation(model, state.x, state.b);
    const found = explanations(model, now);
    const chosen = found.find((one) => one.key === state.method);
    const whole = found.filter((one) => one.complete).flatMap((one) => one.values.map(Math.abs));
    const most = Math.max(...whole) || 1;
    if (this.flat) this.stage.show(model, now);
    else this.stage.show(model, now, chosen, chosen.complete ? most : Math.max(...chosen.values.map(Math.abs)) || 1);
    this.numbers.show(found, most);
    this.dial.show(model, now, state);
    Object.entries(this.controls).forEach(([name, control]) => control.show(state[name]));
    const { above, below } = payload.classes ?? {};
    const decision = above ? ` → ${now.output >= payload.threshold ? above : below}` : "";
    const change = now.output - now.start;
    this.told.textContent = `output ${written(now.output, 3, true)}${decision}; at the baseline `
      + `${written(now.start, 3, true)}; to explain: ${written(change, 3, true)}`
      + (this.flat || !chosen.complete ? "" : `; left over by ${chosen.name.replace("*", "")}: ${written(chosen.residual, 3, true)}`);
    this.found = found;
  }
}

if (!customElements.get("qxai-explorer")) customElements.define("qxai-explorer", Explorer);

// What anywidget calls in JupyterLab.
export function render({ model, el }) {
  const element = document.createElement("qxai-explorer");
  el.append(element);
  element.start(JSON.parse(model.get("payload")), ({ x, b }) => {
    model.set("x", x);
    model.set("b", b);
    model.save_changes();
  });
}
