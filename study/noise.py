"""What is left of an explanation on a noisy device, simulated by qsim."""

import numpy as np
from declaration import NOISE_INPUTS, NOISE_LEVELS, NOISE_SHOTS, NOISE_TASK, Setting
from models import is_encoding_first

import qxai
from qxai import metrics
from qxai.core import Array, Mask


def noise(
    setting: Setting, model: qxai.PQC, X: Array, relevant: Mask | None
) -> list[dict[str, object]]:
    """Return, for each noise level and method, what became of the exact attributions.

    ``kept`` is the slope of the noisy attributions against the exact ones, ``correlation`` their
    correlation, ``localisation_auc`` where the noisy ones point. A gate is depolarised and a bit
    misread with the same probability.
    """
    main = setting.sweep == "main" and is_encoding_first(setting)
    if not main or setting.task != NOISE_TASK or relevant is None:
        return []
    inputs, rows = X[:NOISE_INPUTS], []
    exact = _explained(model, inputs)
    for level in NOISE_LEVELS:
        rng = np.random.default_rng([setting.seed, 8])
        device = qxai.NoisyQSim(NOISE_SHOTS, rng, depolarizing=level, readout=level)
        for name, found in _explained(model.on(device), inputs).items():
            true = exact[name]
            auc = metrics.localisation_auc(found, relevant[:NOISE_INPUTS]).mean()
            rows.append(
                {
                    "method": name,
                    "level": level,
                    "kept": float(np.sum(found * true) / np.sum(true**2)),
                    "correlation": float(np.corrcoef(found.ravel(), true.ravel())[0, 1]),
                    "localisation_auc": float(auc),
                }
            )
    return rows


def _explained(model: qxai.PQC, X: Array) -> dict[str, Array]:
    """Explain by three methods that need nothing but outputs."""
    middle = np.pi / 2
    outputs = qxai.Function(model.values, num_features=model.num_features)
    return {
        "Taylor-∞": qxai.taylor(outputs, X, middle).values,
        "occlusion": qxai.occlusion(outputs, X, middle).values,
        "Shapley": qxai.shapley(outputs, X, middle).values,
    }
