from __future__ import annotations

from pathlib import Path

import pytest

from dashboards.site import render_site
from tests.dashboards.handful.tables import HANDFUL
from tests.dashboards.page_reader import Page, read_page
from tests.dashboards.published import publish


@pytest.fixture(scope="session")
def handful_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Render the handful of hand-made rows once; nobody writes into it."""
    folder = tmp_path_factory.mktemp("handful")
    database = publish(folder / "showback.duckdb", HANDFUL)
    render_site(database, folder / "site", company="Ann & <i>Co</i>", generated_for="1 July 2026")
    return folder / "site"


@pytest.fixture(scope="session")
def overview(handful_site: Path) -> Page:
    return read_page(handful_site / "index.html")


@pytest.fixture(scope="session")
def tie_out(handful_site: Path) -> Page:
    return read_page(handful_site / "tie-out.html")


@pytest.fixture(scope="session")
def why(handful_site: Path) -> Page:
    return read_page(handful_site / "why.html")


@pytest.fixture(scope="session")
def loops(handful_site: Path) -> Page:
    return read_page(handful_site / "loops.html")


@pytest.fixture(scope="session")
def budgets(handful_site: Path) -> Page:
    return read_page(handful_site / "budgets.html")


@pytest.fixture(scope="session")
def incidents(handful_site: Path) -> Page:
    return read_page(handful_site / "incidents.html")


@pytest.fixture(scope="session")
def caches(handful_site: Path) -> Page:
    return read_page(handful_site / "caches.html")


@pytest.fixture(scope="session")
def routing(handful_site: Path) -> Page:
    return read_page(handful_site / "routing.html")


@pytest.fixture(scope="session")
def experiments(handful_site: Path) -> Page:
    return read_page(handful_site / "experiments.html")


@pytest.fixture(scope="session")
def forecast(handful_site: Path) -> Page:
    return read_page(handful_site / "forecast.html")


@pytest.fixture(scope="session")
def operations(handful_site: Path) -> Page:
    return read_page(handful_site / "operations.html")


@pytest.fixture(scope="session")
def savings(handful_site: Path) -> Page:
    return read_page(handful_site / "savings.html")


@pytest.fixture(scope="session")
def showback(handful_site: Path) -> Page:
    return read_page(handful_site / "showback.html")


@pytest.fixture(scope="session")
def commitments(handful_site: Path) -> Page:
    return read_page(handful_site / "commitments.html")


@pytest.fixture(scope="session")
def unit_cost(handful_site: Path) -> Page:
    return read_page(handful_site / "unit-cost.html")


@pytest.fixture(scope="session")
def spend(handful_site: Path) -> Page:
    return read_page(handful_site / "spend.html")


@pytest.fixture(scope="session")
def data_quality(handful_site: Path) -> Page:
    return read_page(handful_site / "data-quality.html")


@pytest.fixture(scope="session")
def definitions(handful_site: Path) -> Page:
    return read_page(handful_site / "definitions.html")


@pytest.fixture(scope="session")
def statements(handful_site: Path) -> Page:
    return read_page(handful_site / "statements.html")
