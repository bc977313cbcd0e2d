// Small parts that the views share: elements, numbers, colours, bars.

const SVG = "http://www.w3.org/2000/svg";
export const POSITIVE = "#c86400";
export const NEGATIVE = "#7d62a8";

function filled(node, attributes, children) {
  for (const [name, given] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), given);
    else if (given === true) node.setAttribute(name, "");
    else if (given !== false && given !== null) node.setAttribute(name, given);
  }
  node.append(...children); // text, never markup: names come from the user
  return node;
}

export const make = (tag, attributes = {}, ...children) =>
  filled(document.createElement(tag), attributes, children);
export const draw = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, tag), attributes, children);

export function written(number, digits = 3, plus = false) {
  if (!Number.isFinite(number)) return "–";
  const text = Math.abs(number).toFixed(digits);
  if (Number(text) === 0) return text;
  return (number < 0 ? "−" : plus ? "+" : "") + text;
}

export const clamped = (number, low, high) => Math.min(Math.max(number, low), high);
export const share = (number, low, high) => (high > low ? (number - low) / (high - low) : 0);

// A bar to the right or left of the middle of its track.
export function bar() {
  const inside = make("span", { class: "bar" });
  const node = make("span", { class: "track", "aria-hidden": "true" }, inside);
  const show = (number, most) => {
    const width = Number.isFinite(number) && most ? clamped(Math.abs(number) / most, 0, 1) * 50 : 0;
    inside.style.width = `${width}%`;
    inside.style.left = `${number < 0 ? 50 - width : 50}%`;
    inside.style.background = number < 0 ? NEGATIVE : POSITIVE;
  };
  return { node, show };
}

export function choice(label, options, onchange) {
  const select = make("select", { "aria-label": label, onchange: () => onchange(select.value) });
  select.append(...options.map(([key, name]) => make("option", { value: key }, name)));
  const node = make("label", { class: "choice" }, make("span", {}, label), select);
  return { node, show: (key) => { select.value = String(key); } };
}

export function slider(label, low, high, onchange) {
  const input = make("input", { type: "range", min: low, max: high, step: "any" });
  input.setAttribute("aria-label", label);
  input.addEventListener("input", () => onchange(Number(input.value)));
  // "any" leaves the keys to the browser, whose steps differ.
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const size = ((high - low) / 100) * (event.shiftKey ? 0.1 : 1) * steps[event.key];
    // At once: the next key may come before the next frame.
    input.value = String(clamped(Number(input.value) + size, low, high));
    onchange(Number(input.value));
  });
  const show = (number, text) => {
    input.value = String(number);
    input.setAttribute("aria-valuetext", text);
  };
  return { node: input, show };
}

const SHADES = [[84, 39, 136], [153, 142, 195], [247, 247, 247], [241, 163, 64], [179, 88, 6]];
// From −1, violet, over light grey to 1, orange: told apart with every colour vision deficiency.
export function shade(number) {
  const place = (clamped(number, -1, 1) + 1) * 2;
  const k = Math.min(Math.floor(place), 3);
  return SHADES[k].map((entry, c) => Math.round(entry + (place - k) * (SHADES[k + 1][c] - entry)));
}
