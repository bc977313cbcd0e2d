"""One step of training, as the library takes it and as a jitted function of JAX."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from peers import Peers

import qxai
from qxai.training import Adam

jax.config.update("jax_enable_x64", True)
RATE = 0.05
Step = Callable[[], np.ndarray]


def targets(p: Peers) -> np.ndarray:
    """Return ±1 for each input."""
    return np.where(p.X.sum(axis=1) > p.num_features * np.pi / 2, 1.0, -1.0)


def our_step(p: Peers) -> Step:
    """Return a function that takes the first step of `qxai.fit` on all inputs at once."""
    model, y = p.model(), targets(p)
    zero = np.zeros(p.angles.size)

    def step() -> np.ndarray:
        _, slope = qxai.Statevector().parameter_gradient(
            model.compiled,
            p.X,
            model.parameter_values,
            lambda values, rows: 2 * (values - y[rows]) / len(y),
        )
        return model.parameter_values - Adam(zero, zero, 0).step(slope, RATE)[1]

    return step


def jax_step(p: Peers) -> Step:
    """Return the same step as a jitted function on arrays of amplitudes, (2, …, 2) an input."""
    y, X = jnp.asarray(targets(p)), jnp.asarray(p.X)

    def loss(angles: jax.Array) -> jax.Array:
        return jnp.mean((jax.vmap(output, (None, 0))(angles, X) - y) ** 2)

    @jax.jit
    def step(angles: jax.Array) -> jax.Array:
        slope = jax.grad(loss)(angles)
        return angles - RATE * slope / (jnp.sqrt(slope**2) + 1e-8)  # Adam's first step

    return lambda: np.asarray(step(jnp.asarray(p.angles))).ravel()


def output(angles: jax.Array, x: jax.Array) -> jax.Array:
    """Run the circuit of `Peers` on one input."""
    n = len(x)
    state = jnp.zeros((2,) * n, complex).at[(0,) * n].set(1)
    for i in range(n):
        state = turned(state, ry(x[i]), i)
    for layer in angles:
        for i in range(n):
            state = turned(turned(state, ry(layer[0, i]), i), rz(layer[1, i]), i)
        for i in range(n):
            state = cx(state, i, (i + 1) % n)
    weights = jnp.abs(state.reshape(2, -1)) ** 2
    return weights[0].sum() - weights[1].sum()


def turned(state: jax.Array, gate: jax.Array, qubit: int) -> jax.Array:
    """Apply a gate (2, 2) to one qubit."""
    return jnp.moveaxis(jnp.tensordot(gate, state, axes=(1, qubit)), 0, qubit)


def cx(state: jax.Array, control: int, target: int) -> jax.Array:
    """Apply a controlled X."""
    split = jnp.moveaxis(state, (control, target), (0, 1))
    return jnp.moveaxis(jnp.stack([split[0], split[1][::-1]]), (0, 1), (control, target))


def ry(angle: jax.Array) -> jax.Array:
    """Return a rotation about Y, (2, 2)."""
    c, s = jnp.cos(angle / 2), jnp.sin(angle / 2)
    return jnp.array([[c, -s], [s, c]]).astype(complex)


def rz(angle: jax.Array) -> jax.Array:
    """Return a rotation about Z, (2, 2)."""
    return jnp.diag(jnp.exp(jnp.array([-0.5j, 0.5j]) * angle))
