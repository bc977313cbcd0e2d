import { METHODS, depolarised, explanations, readModel, situation } from "./model.js";
import { choice, clamped, make, slider, written } from "./pieces.js";
import { plane } from "./plane.js";
import { features } from "./features.js";
import { bars, dial, table } from "./tables.js";
import { STYLE } from "./style.js";

// The element <qxai-explorer>: its state, what changes it, and the address that keeps it.

const MARK = "#explore:";

// What the address says of each explorer of the page.
const segments = () => (location.hash.startsWith(MARK) ? location.hash.slice(MARK.length).split(";") : []);

function fromAddress(id) {
  const own = segments().find((part) => part.startsWith(`${id}?`));
  return own ? Object.fromEntries(new URLSearchParams(own.slice(id.length + 1))) : {};
}

function toAddress(id, fields) {
  const others = segments().filter((part) => part && !part.startsWith(`${id}?`));
  const own = `${id}?${new URLSearchParams(fields)}`;
  history.replaceState(null, "", MARK + [...others, own].join(";"));
}

// Numbers of an address: as many as expected, finite and within bounds, or what was there before.
function numbers(text, before, low, high) {
  const found = (text ?? "").split("_").map((part) => (part ? Number(part) : NaN));
  const good = found.length === before.length && found.every(Number.isFinite);
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

  start(given, changed = () => {}) {
    this.started = true;
    // The same explorer may stand on a page twice: each has its own place in the address.
    const all = [...document.querySelectorAll("qxai-explorer")];
    const twins = all.slice(0, all.indexOf(this)).filter((one) => one.payload?.same === given.id).length;
    const payload = { ...given, same: given.id, id: twins ? `${given.id}-${twins}` : given.id };
    this.changed = changed;
    this.payload = payload;
    this.models = payload.models.map((one) => readModel(one.polynomial));
    this.state = this.initial();
    const root = this.attachShadow({ mode: "open" });
    const style = make("style", {}, STYLE);
    root.append(style, this.built());
    this.update();
    if (payload.address && Object.keys(fromAddress(payload.id)).length) this.scrollIntoView();
  }

  initial() {
    const { inputs, baseline, low, high, shift, id, dial } = this.payload;
    const amount = (text) => (shift ? real(text, shift.start, shift.low, shift.high) : 0);
    const given = fromAddress(id);
    const whole = (text, count) => (Number.isInteger(Number(text)) ? clamped(Number(text ?? 0), 0, count - 1) : 0);
    const row = whole(given.row, inputs.length);
    const real = (text, before, least, most) => numbers(text, [before], [least], [most])[0];
    const model = whole(given.model, this.models.length);
    return {
      model,
      row,
      x: numbers(given.x, this.input(row, amount(given.amount), model), low, high),
      b: numbers(given.b, baseline, low, high),
      method: METHODS.some((m) => m.key === given.method) ? given.method : "shapley",
      absence: ["point", "depolarised"].includes(given.absence) ? given.absence : dial ?? "point",
      t: real(given.t, 0.5, 0, 1),
      amount: amount(given.amount),
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

  // A feature in its own unit, as a model's scaler has it, and back; without one in radians.
  measured(i, u, model = this.state.model) {
    const { raw } = this.payload.models[model];
    return raw ? raw.mean[i] + 2 * raw.deviation[i] * ((2 / Math.PI) * u - 1) : u;
  }

  angle(i, r, model = this.state.model) {
    const { raw } = this.payload.models[model];
    const { low, high } = this.payload;
    const u = raw ? (Math.PI / 2) * (1 + clamped((r - raw.mean[i]) / (2 * raw.deviation[i]), -1, 1)) : r;
    return clamped(u, low[i], high[i]);
  }

  // What a chosen row, moved by the offset, is as an input of a model; rows are those of the first.
  input(row, amount, model = this.state.model) {
    const { inputs, shift } = this.payload;
    const step = (i) => (shift && i === shift.feature ? amount * shift.slope : 0);
    return inputs[row].map((u, i) => this.angle(i, this.measured(i, u, 0) + step(i), model));
  }

  // Another model has another scaler: the same measurement is another angle.
  switched(model) {
    const x = this.state.x.map((u, i) => this.angle(i, this.measured(i, u), model));
    this.change({ model, x });
  }

  built() {
    const { payload } = this;
    const view = {
      ...payload,
      state: this.state,
      change: (patch) => this.change(patch),
      play: () => this.play(),
      raw: (i, u) => this.raw(i, u),
      unit: payload.models[0].raw ? "value" : "radians",
      absent: (model, now, state) => (state.absence === "point" ? now.before : depolarised(model)),
    };
    this.flat = payload.names.length === 2;
    this.stage = this.flat ? plane(view) : features(view);
    this.numbers = this.flat ? bars(payload.names, METHODS) : table(payload.names, METHODS);
    this.dial = dial(view);
    this.dial.node.open = Boolean(payload.dial);
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
      make("p", { class: "note" }, "* counts from features that are depolarised, whatever the baseline; it is QLRP "
        + "with the zero rule where each feature turns a qubit of its own."));
  }

  choices(view) {
    const { payload } = this;
    const found = {};
    if (payload.models.length > 1) {
      found.model = choice("model", payload.models.map((one, k) => [k, one.name]), (k) => this.switched(Number(k)));
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
    const { raw } = this.payload.models[this.state.model];
    const digits = raw ? clamped(2 - Math.floor(Math.log10(raw.deviation[i])), 0, 6) : 2;
    return written(this.measured(i, u), digits);
  }

  reset() {
    const { payload } = this;
    const { baseline, shift } = payload;
    const amount = shift ? shift.start : 0;
    this.change({ x: this.input(this.state.row, amount), b: [...baseline], t: 0.5, absence: payload.dial ?? "point", amount });
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
      + (this.flat || !chosen.complete ? "" : `; left over by ${chosen.name}: ${written(chosen.residual, 3, true)}`);
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
