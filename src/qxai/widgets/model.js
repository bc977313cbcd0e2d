// A model is Σ C[k_1, …, k_d] Π_i φ_{k_i}(x_i) with φ = (1, cos ωx, sin ωx, cos ω'x, …): the same
// numbers as TrigPolynomial, and every explanation that follows from its coefficients.

export function readModel(record) {
  const frequencies = record.frequencies.map((list) => Float64Array.from(list));
  const sizes = frequencies.map((list) => 2 * list.length + 1);
  const half = Math.ceil(sizes.length / 2);
  const times = (some) => some.reduce((product, size) => product * size, 1);
  const [rows, columns] = [times(sizes.slice(0, half)), times(sizes.slice(half))];
  const coefficients = Float64Array.from(record.coefficients);
  if (coefficients.length !== rows * columns) {
    throw new Error(`coefficients: expected ${rows * columns}, found ${coefficients.length}`);
  }
  return { frequencies, sizes, half, rows, columns, coefficients, d: sizes.length };
}

// A feature's vector, its derivative (order 1), and either averaged over noise of width σ.
function vector(frequencies, x, order = 0, sigma = 0) {
  const found = new Float64Array(2 * frequencies.length + 1);
  found[0] = order ? 0 : 1;
  frequencies.forEach((w, place) => {
    const size = Math.exp(-0.5 * (w * sigma) ** 2) * (order ? w : 1);
    const [cos, sin] = [Math.cos(w * x), Math.sin(w * x)];
    found[2 * place + 1] = size * (order ? -sin : cos);
    found[2 * place + 2] = size * (order ? cos : sin);
  });
  return found;
}

export const vectors = (model, x, order = 0, sigma = 0) =>
  model.frequencies.map((list, i) => vector(list, x[i], order, sigma));

// What depolarisation leaves of a feature: the constant function.
export const depolarised = (model) =>
  model.sizes.map((size) => Float64Array.from({ length: size }, (_, k) => (k ? 0 : 1)));

function kronecker(list) {
  let whole = Float64Array.of(1);
  for (const part of list) {
    const next = new Float64Array(whole.length * part.length);
    for (let i = 0, place = 0; i < whole.length; i += 1) {
      for (let j = 0; j < part.length; j += 1, place += 1) next[place] = whole[i] * part[j];
    }
    whole = next;
  }
  return whole;
}

const dot = (a, b) => {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i] * b[i];
  return sum;
};

// The tensor as a matrix, first half of the features by second half.
function timesRight(model, right) {
  const { rows, columns, coefficients } = model;
  const found = new Float64Array(rows);
  for (let i = 0, place = 0; i < rows; i += 1) {
    let sum = 0;
    for (let j = 0; j < columns; j += 1, place += 1) sum += coefficients[place] * right[j];
    found[i] = sum;
  }
  return found;
}

function timesLeft(model, left) {
  const { rows, columns, coefficients } = model;
  const found = new Float64Array(columns);
  for (let i = 0, place = 0; i < rows; i += 1) {
    const factor = left[i];
    for (let j = 0; j < columns; j += 1, place += 1) found[j] += coefficients[place] * factor;
  }
  return found;
}

export function contract(model, list) {
  const right = timesRight(model, kronecker(list.slice(model.half)));
  return dot(kronecker(list.slice(0, model.half)), right);
}

// The derivatives as each vector alone moves along its direction.
export function slopes(model, list, directions) {
  const left = list.slice(0, model.half);
  const right = list.slice(model.half);
  const above = timesRight(model, kronecker(right));
  const below = timesLeft(model, kronecker(left));
  return list.map((_, i) => {
    const first = i < model.half;
    const part = [...(first ? left : right)];
    part[first ? i : i - model.half] = directions[i];
    return dot(kronecker(part), first ? above : below);
  });
}

export const value = (model, x) => contract(model, vectors(model, x));
export const gradient = (model, x) => slopes(model, vectors(model, x), vectors(model, x, 1));

// Nodes and weights of Gauss and Legendre on [0, 1].
const rules = new Map();
export function quadrature(count) {
  if (rules.has(count)) return rules.get(count);
  const rule = Array.from({ length: count }, (_, k) => {
    let z = Math.cos((Math.PI * (k + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let step = 0; step < 20; step += 1) {
      let [now, before] = [1, 0];
      for (let n = 0; n < count; n += 1) {
        [now, before] = [((2 * n + 1) * z * now - n * before) / (n + 1), now];
      }
      slope = (count * (z * now - before)) / (z * z - 1);
      z -= now / slope;
    }
    return [(1 + z) / 2, 1 / ((1 - z * z) * slope * slope)];
  });
  rules.set(count, rule);
  return rule;
}

const mixed = (before, after, t) =>
  before.map((v, i) => v.map((entry, k) => entry + t * (after[i][k] - entry)));
const less = (after, before) => after.map((v, i) => v.map((entry, k) => entry - before[i][k]));

// F(t, …, t): every feature present with probability t; and its derivatives by each feature's t.
export const expected = (model, before, after, t) => contract(model, mixed(before, after, t));
export const marginal = (model, before, after, t) =>
  slopes(model, mixed(before, after, t), less(after, before));

function averaged(count, d, of) {
  const sum = new Array(d).fill(0);
  for (const [node, weight] of quadrature(count)) {
    of(node).forEach((part, i) => {
      sum[i] += weight * part;
    });
  }
  return sum;
}

export const shapley = (model, before, after) =>
  averaged(Math.ceil(model.d / 2), model.d, (t) => marginal(model, before, after, t));

// As many nodes as integrate the fastest wave along the line to rounding.
export function nodes(model, x, b) {
  const fastest = (list) => list.reduce((most, w) => Math.max(most, w), 0);
  const band = model.frequencies.reduce(
    (sum, list, i) => sum + fastest(list) * Math.abs(x[i] - b[i]),
    0,
  );
  return Math.ceil(band / 4 + 3.3 * Math.cbrt(band) + 3);
}

export function integratedGradients(model, x, b) {
  const along = (t) => b.map((start, i) => start + t * (x[i] - start));
  const mean = averaged(nodes(model, x, b), model.d, (t) => gradient(model, along(t)));
  return mean.map((slope, i) => slope * (x[i] - b[i]));
}

const smoothed = (model, x, sigma) =>
  slopes(model, vectors(model, x, 0, sigma), vectors(model, x, 1, sigma));

export function lime(model, x, scale = 0.5, ridge = 1e-3) {
  const width = 0.75 * Math.sqrt(model.d);
  const tau = 1 / Math.sqrt(scale ** -2 + width ** -2);
  return smoothed(model, x, tau).map((slope) => slope / (1 + ridge));
}

const PARTS = "parts of the output";
const SLOPES = "slopes, per radian";
export const METHODS = [
  ["shapley", "Shapley", PARTS, (m, s) => shapley(m, s.before, s.after)],
  ["integrated", "integrated gradients", PARTS, (m, s) => integratedGradients(m, s.x, s.b)],
  ["taylor", "Taylor-∞", PARTS, (m, s) => marginal(m, s.before, s.after, 0)],
  ["banzhaf", "Banzhaf", PARTS, (m, s) => marginal(m, s.before, s.after, 0.5)],
  ["occlusion", "occlusion", PARTS, (m, s) => marginal(m, s.before, s.after, 1)],
  ["gradientXInput", "gradient × input", PARTS, (m, s) =>
    gradient(m, s.x).map((slope, i) => slope * (s.x[i] - s.b[i]))],
  ["qlrp", "Shapley, depolarised*", PARTS, (m, s) => shapley(m, depolarised(m), s.after)],
  ["gradient", "gradient", SLOPES, (m, s) => gradient(m, s.x)],
  ["smooth", "SmoothGrad, σ = 0.5", SLOPES, (m, s) => smoothed(m, s.x, 0.5)],
  ["lime", "LIME, its limit", SLOPES, (m, s) => lime(m, s.x)],
].map(([key, name, unit, explain]) => ({ key, name, unit, explain, complete: unit === PARTS }));

// What a state {x, b} means for a model, computed once and used by all methods.
export function situation(model, x, b) {
  const [before, after] = [vectors(model, b), vectors(model, x)];
  const [output, start] = [contract(model, after), contract(model, before)];
  return { x, b, before, after, output, start, floor: contract(model, depolarised(model)) };
}

// All methods' numbers, with what each leaves over of the change of the output.
export function explanations(model, now) {
  return METHODS.map((method) => {
    const values = method.explain(model, now);
    const change = now.output - (method.key === "qlrp" ? now.floor : now.start);
    const residual = change - values.reduce((sum, part) => sum + part, 0);
    return { ...method, values, residual: method.complete ? residual : NaN };
  });
}

// The model along one feature, the others kept: constant, cosines and sines.
function line(model, list, i) {
  return Array.from(list[i], (_, k) => {
    const one = [...list];
    one[i] = Float64Array.from(list[i], (__, place) => (place === k ? 1 : 0));
    return contract(model, one);
  });
}

// Where the output first crosses a threshold as feature i leaves x, downwards and upwards; NaN if
// it certainly never does. An interval is cut until it holds no crossing, or the curve is monotone.
export function crossings(model, x, i, threshold, low, high) {
  const list = vectors(model, x);
  const wave = line(model, list, i);
  const w = model.frequencies[i];
  const side = dot(wave, list[i]) >= threshold ? 1 : -1;
  const above = (u) => side * (dot(wave, vector(w, u)) - threshold);
  const slope = (u) => Math.abs(dot(wave, vector(w, u, 1)));
  const size = (k) => Math.hypot(wave[2 * k + 1], wave[2 * k + 2]);
  const bend = w.reduce((sum, speed, k) => sum + speed * speed * size(k), 0);
  const sizes = w.reduce((sum, _, k) => sum + size(k), 0);
  const band = 1e-12 * (Math.abs(wave[0]) + sizes + Math.abs(threshold));
  const first = (near, far) => {
    const [middle, half] = [(near + far) / 2, Math.abs(far - near) / 2];
    const steep = slope(middle);
    if (above(middle) - steep * half - (bend * half * half) / 2 >= -band) return NaN;
    if (steep < bend * half && half > 1e-7) {
      const nearer = first(near, middle);
      return Number.isNaN(nearer) ? first(middle, far) : nearer;
    }
    if (above(near) < -band) return near;
    if (above(far) >= -band) return NaN;
    let [kept, gone] = [near, far];
    for (let step = 0; step < 60; step += 1) {
      const between = (kept + gone) / 2;
      if (above(between) < -band) gone = between;
      else kept = between;
    }
    return gone;
  };
  return [first(x[i], low), first(x[i], high)];
}
