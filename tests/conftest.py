import os

import pytest
from hypothesis import settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

settings.register_profile("qxai", deadline=None, max_examples=25, derandomize=True)
settings.load_profile("qxai")


@pytest.fixture
def needs_tfq():
    pytest.importorskip("tensorflow_quantum", reason="the extra tfq is not installed")


@pytest.fixture
def needs_qsim():
    pytest.importorskip("qsimcirq", reason="qsim has no wheels for this platform")
