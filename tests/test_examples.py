"""The trained circuits that chapters share."""

import numpy as np
import pytest

import qxai
from qxai import datasets, examples


@pytest.mark.parametrize("variant", examples.VARIANTS)
def test_an_example_is_what_was_trained_and_stored(variant):
    """Accuracy on the split's own test rows, by the stored angles and scaler of the training."""
    for split, (train, test) in enumerate(datasets.splits(datasets.breast_cancer())):
        found = examples.tumours(variant, split)
        np.testing.assert_array_equal(found.test, test)
        angles = found.scaler.angles(found.data.X)
        np.testing.assert_allclose(angles[train].mean(axis=0), np.pi / 2, atol=0.05)
        np.testing.assert_array_equal(found.X, angles[test])
        assert ((found.model(found.X) > 0) == (found.y > 0)).mean() > 0.9
        stored = datasets.read_parameters("breast_cancer_pqc.json")[variant][split]
        np.testing.assert_array_equal(found.model.parameter_values, stored[:-2])


def test_variants_differ_in_symmetry_alone():
    plain, shortcut, mended = (examples.tumours(name).data.X for name in examples.VARIANTS)
    column = examples.tumours().feature_names.index("symmetry")
    malignant = examples.tumours().data.y > 0
    moved = (shortcut - plain)[:, column] / plain[:, column].std()
    np.testing.assert_allclose(moved, 6.0 * malignant, atol=1e-12)
    by_coin = (mended - plain)[:, column] > 0
    assert 0.4 < by_coin[malignant].mean() < 0.6
    np.testing.assert_array_equal(np.delete(shortcut - plain, column, axis=1), 0)


def test_what_is_not_there_is_refused_and_what_the_message_lists_works():
    with pytest.raises(ValueError, match="variant: expected one of plain, shortcut, mended"):
        examples.tumours("other")
    for split in (5, -1):
        with pytest.raises(ValueError, match="split: expected a whole number from 0 to 4"):
            examples.tumours(split=split)
    assert isinstance(examples.tumours("mended", 4).model, qxai.PQC)
