"""Circuits as drawings that follow the theme of the page."""

import html
import re
from dataclasses import dataclass

import cirq
from cirq.contrib.svg.svg import tdd_to_svg

# Names of symbols, and what a reader writes for them.
GREEK = {"theta": "θ", "phi": "φ", "alpha": "α", "beta": "β", "gamma": "γ"}
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SYMBOL = re.compile(r"\b([A-Za-z]+)_?(\d+)(?:_(\d+))?\b")
# A rotation in half turns, by sympy's pi or by a number.
HALF_TURNS = re.compile(r"^([XYZ])\^\((?:0\.31830988\d*\*(.+)|(.+)/pi)\)$")
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
    diagram = circuit.to_text_diagram_drawer(precision=2)
    for place, entry in list(diagram.entries.items()):
        label = _label(entry.text)
        diagram.entries[place] = entry._replace(text=label, transposed_text=label)
    return CircuitDrawing(diagram.render(horizontal_spacing=3), _svg(circuit, diagram))


def _label(text: str) -> str:
    """Write a gate as a reader would."""
    turned = HALF_TURNS.match(text)
    if turned:
        text = f"R{turned[1].lower()}({turned[2] or turned[3]})"
    return SYMBOL.sub(lambda found: _symbol(*found.groups()), text).replace("pi", "π")


def _symbol(name: str, number: str, second: str | None) -> str:
    """Write a symbol with its number below, or both of them."""
    below = number if second is None else f"{number},{second}"
    return GREEK.get(name, name) + below.translate(SUBSCRIPTS)


def _svg(circuit: cirq.AbstractCircuit, diagram: cirq.TextDiagramDrawer) -> str:
    """Return the SVG in colours of the page, with a name for those who do not see it."""
    drawn = tdd_to_svg(diagram) if circuit else '<svg xmlns="http://www.w3.org/2000/svg"/>'
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
