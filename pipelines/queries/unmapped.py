"""`outlay unmapped`: names of models that nobody knows, their dollars, and what they may mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ingest.prices.proposals import Proposal, propose
from pipelines.queries.status import open_showback
from pipelines.workspace.paths import Workspace


@dataclass(frozen=True)
class UnmappedModel:
    """One unknown name.

    Attributes:
        charge_usd: billed under it, USD; None when no bill has the name.
        proposal: a model that it may mean.
    """

    provider: str | None
    model: str
    charge_lines: int
    charge_usd: Decimal | None
    calls: int
    first_day: date
    last_day: date
    proposal: Proposal | None

    @property
    def as_alias(self) -> tuple[str, ...] | None:
        """The row of `config/models.csv` that accepts the proposal."""
        if self.proposal is None:
            return None
        note = f"proposed: {self.proposal.reason}"
        return self.provider or "", self.model, self.proposal.model_id, "", "", note


def read_unmapped(workspace: Workspace) -> Sequence[UnmappedModel]:
    """The unknown names of the published file, dearest first.

    Raises:
        NothingPublishedError: no run has published yet.
    """
    with open_showback(workspace) as con:
        rows = con.execute(
            "select provider, model, charge_lines, charge_usd, calls, first_day, last_day"
            " from reports.rpt_unmapped_models"
            " order by charge_usd desc nulls last, calls desc, provider, model"
        ).fetchall()
    return [UnmappedModel(*(*row, propose(row[0], row[1]))) for row in rows]
