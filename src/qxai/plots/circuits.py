"""Circuits as drawings that follow the theme of the page."""

import html
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import cirq
import sympy
from cirq.contrib.svg.svg import tdd_to_svg

# Names of symbols, and what a reader writes for them.
GREEK = {"theta": "θ", "phi": "φ", "alpha": "α", "beta": "β", "gamma": "γ"}
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SYMBOL = re.compile(r"([A-Za-z]+)_?(\d+)(?:_(\d+))?")
WORD = re.compile(r"\w+")
IN_BRACKETS = re.compile(r"\(.*\)")
TURNS: dict[type, Any] = {cirq.XPowGate: cirq.rx, cirq.YPowGate: cirq.ry, cirq.ZPowGate: cirq.rz}
# Colours by variables of the book, of JupyterLab, or of neither.
PAPER = "var(--pst-color-background, var(--jp-layout-color0, white))"
INK = 'fill="currentColor"'
WIRE = "var(--pst-color-text-muted, var(--jp-ui-font-color2, #666))"


@dataclass(frozen=True, repr=False)
class CircuitDrawing:
    """What `circuit` returns: SVG in a notebook, characters in a terminal.

    Attributes
    ----------
    text : str
        The drawing in characters.
    svg : str
        The drawing in the colours of the page around it.
    """

    text: str
    svg: str

    def __repr__(self) -> str:
        """Return the drawing in characters."""
        return self.text

    def _repr_html_(self) -> str:
        """Return the SVG in a box that scrolls."""
        return f'<div class="qxai-circuit" style="overflow-x: auto">{self.svg}</div>'


def circuit(circuit: cirq.AbstractCircuit) -> CircuitDrawing:
    """Draw a circuit.

    A rotation that Cirq writes in half turns, ``Y^(x/pi)``, is drawn as ``Ry(x)``, which it is up
    to a phase that no measurement sees.

    Parameters
    ----------
    circuit : cirq.Circuit

    Returns
    -------
    CircuitDrawing
        Draws itself in a notebook; ``print`` shows it in characters.

    Raises
    ------
    TypeError
        If it is no circuit.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q = cirq.LineQubit.range(2)
    >>> qxai.plots.circuit(cirq.Circuit(cirq.ry(sympy.Symbol("x_0"))(q[0]), cirq.CZ(*q)))
    0: ───Ry(x₀)───@───
                   │
    1: ────────────@───
    """
    if not isinstance(circuit, cirq.AbstractCircuit):
        raise TypeError(
            f"circuit: expected a cirq.Circuit, found {type(circuit).__name__}; "
            "of a PQC pass model.circuit"
        )
    empty = not any(True for _ in circuit.all_operations())
    drawn = cirq.Circuit() if empty else circuit.map_operations(_as_rotation)
    names = _written(circuit)
    shown, escaped = (drawn.to_text_diagram_drawer(precision=2) for _ in range(2))
    for diagram, on_wires in ((shown, str), (escaped, html.escape)):
        for place, entry in list(diagram.entries.items()):
            # What stands before a wire is a name; the drawing escapes all but these.
            label = _label(entry.text, names) if place[0] else on_wires(entry.text)
            diagram.entries[place] = entry._replace(text=label, transposed_text=label)
    return CircuitDrawing(shown.render(horizontal_spacing=3), _svg(circuit, escaped))


def _as_rotation(op: cirq.Operation) -> cirq.Operation:
    """Return a power with a symbol in it as the rotation that it is up to a phase."""
    gate: Any = op.gate
    turn = TURNS.get(type(gate))
    if turn is None or not cirq.is_parameterized(op):
        return op
    return turn(_tidy(gate.exponent * sympy.pi))(*op.qubits).with_tags(*op.tags)


def _tidy(angle: sympy.Expr) -> sympy.Expr:
    """Multiply a sum out, numbers with three digits and whole ones without any."""
    angle = sympy.expand(angle)
    if not angle.atoms(sympy.Float):
        return angle
    angle = sympy.expand(angle.evalf())
    return angle.xreplace({number: _short(number) for number in angle.atoms(sympy.Float)})


def _short(number: sympy.Float) -> sympy.Number:
    whole = round(number)
    return sympy.Integer(whole) if abs(number - whole) < 1e-9 else sympy.Float(number, 3)


def _written(circuit: cirq.AbstractCircuit) -> dict[str, str]:
    """Return what a reader would write for symbols, but for those that would look the same."""
    names = {name: _symbol(name) for name in cirq.parameter_names(circuit)} | {"pi": "π"}
    often = Counter(names.values())
    return {name: shown for name, shown in names.items() if often[shown] == 1}


def _symbol(name: str) -> str:
    """Write a symbol with its number below, or both of them."""
    found = SYMBOL.fullmatch(name)
    if not found:
        return name
    below = found[2] if found[3] is None else f"{found[2]},{found[3]}"
    return GREEK.get(found[1], found[1]) + below.translate(SUBSCRIPTS)


def _label(text: str, names: dict[str, str]) -> str:
    """Write the names in what stands in brackets as a reader would."""
    return IN_BRACKETS.sub(
        lambda inside: WORD.sub(lambda w: names.get(w[0], w[0]), inside[0]), text
    )


def _svg(circuit: cirq.AbstractCircuit, diagram: cirq.TextDiagramDrawer) -> str:
    """Return the SVG in colours of the page, with a name for those who do not see it."""
    drawn = (
        tdd_to_svg(diagram)
        if diagram.horizontal_lines
        else '<svg xmlns="http://www.w3.org/2000/svg"/>'
    )
    drawn = re.sub(r'font-family="[^"]*"', 'font-family="sans-serif"', drawn)
    drawn = re.sub(r'="(\d+\.\d+)"', lambda found: f'="{float(found[1]):g}"', drawn)
    drawn = drawn.replace('stroke="#1967d2"', f'stroke="{WIRE}"')
    drawn = drawn.replace('stroke="black"', 'stroke="currentColor"')
    drawn = drawn.replace('fill="white"', f'fill="{PAPER}"').replace("<text ", f"<text {INK} ")
    gates = sum(1 for _ in circuit.all_operations())
    name = f"circuit of {len(circuit.all_qubits())} qubits and {gates} operations"
    attributes = f'role="img" aria-label="{html.escape(name)}"'
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', drawn)
    if size:  # narrower on a narrow page, but legible
        attributes += f' viewBox="0 0 {size[1]} {size[2]}" style="max-width: 100%; '
        attributes += f'min-width: {0.7 * float(size[1]):.0f}px; height: auto"'
    return drawn.replace("<svg ", f"<svg {attributes} ", 1)
