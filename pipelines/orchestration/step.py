"""A step of a run as Dagster sees it: how it is declared, its run, and its checks."""

# no `from __future__ import annotations` here: Dagster reads the annotations of `context`
from collections.abc import Callable, Iterable, Iterator, Sequence

import dagster as dg

from pipelines.checks.check import Check
from pipelines.run.session import Run

StepFunction = Callable[[dg.AssetExecutionContext], Iterator[dg.MaterializeResult[None]]]
"""The body of a step: yields an event for each of its assets that it made."""


def step(
    name: str,
    specs: Sequence[dg.AssetSpec],
    *,
    checks: Sequence[dg.AssetCheckSpec] = (),
    can_subset: bool = False,
    is_by_day: bool = False,
) -> Callable[[StepFunction], dg.AssetsDefinition]:
    """Declare a step: its assets, the checks it answers for, and the run it works on.

    Args:
        name: of the step in Dagster's views.
        specs: its assets.
        checks: what it tells of its assets.
        can_subset: it can be asked for some of its assets only.
        is_by_day: some of its assets are cut into days, of which a range is computed in one run.
    """
    return dg.multi_asset(
        name=name,
        specs=specs,
        check_specs=checks,
        can_subset=can_subset,
        backfill_policy=dg.BackfillPolicy.single_run() if is_by_day else None,
        required_resource_keys={"run"},
    )


def run_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Run:
    """The run that the job's resource opened; it holds the workspace's lock."""
    run = context.resources.run
    if not isinstance(run, Run):
        raise TypeError(f"resource `run` is a {type(run).__name__}")
    return run


def check_specs(asset: dg.AssetKey, names: Iterable[str]) -> list[dg.AssetCheckSpec]:
    """Declared checks of one asset."""
    return [dg.AssetCheckSpec(name, asset=asset) for name in names]


def check_results(
    context: dg.AssetExecutionContext, asset: dg.AssetKey, checks: Iterable[Check]
) -> list[dg.AssetCheckResult]:
    """Checks of one asset as Dagster takes them; those that failed go to the log with a cure."""
    found = list(checks)
    for check in found:
        if not check.passed:
            tell = context.log.error if check.is_error else context.log.warning
            tell(f"{check.name}: {check.detail}\ncure: {check.cure}")
    return [
        dg.AssetCheckResult(
            asset_key=asset,
            check_name=check.name,
            passed=check.passed,
            severity=dg.AssetCheckSeverity.ERROR if check.is_error else dg.AssetCheckSeverity.WARN,
            description=check.detail,
            metadata={} if check.passed else {"cure": check.cure},
        )
        for check in found
    ]
