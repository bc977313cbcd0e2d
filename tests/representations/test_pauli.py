import numpy as np
from hypothesis import given

from tests import circuits


@given(seed=circuits.SEEDS)
def test_the_pauli_form_is_the_circuit(seed):
    for make in (circuits.encoding_first, circuits.wide_features):
        model = make(seed)
        X = circuits.inputs(seed, model)
        np.testing.assert_allclose(model.pauli_polynomial().values(X), model.values(X), atol=1e-12)


def test_only_reachable_paulis_remain():
    """RY on |0⟩ never reaches Y, and an RZ on |0⟩ reaches Z alone."""
    model = circuits.wide_features(2)
    form = model.pauli_polynomial()
    assert form.strings.shape[1] == 4  # the fifth qubit holds no feature
    assert not (form.strings[:, 0] == 2).any()
    assert set(form.strings[:, 3]) <= {0, 3}


def test_a_qubit_with_two_features_is_owned_by_both_equally():
    owners = circuits.wide_features(0).pauli_polynomial().owners
    np.testing.assert_array_equal(
        owners, [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0.5, 0.5, 0], [0, 0, 0, 1]]
    )
