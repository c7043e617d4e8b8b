"""The data that the questions are asked of, made once."""

import pytest

from tests.questions.data import Data, make_data


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """The simulated customer's data; nobody writes to them."""
    return make_data(tmp_path_factory.mktemp("questions"))
