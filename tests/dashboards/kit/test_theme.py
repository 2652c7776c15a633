from __future__ import annotations

import json
from decimal import Decimal

import plotly.graph_objects as go

from dashboards.kit.theme import COLOURS, PROVIDER_COLOURS, chart, plotted, script_json, styles


def test_an_amount_is_drawn_from_its_exact_decimal_text() -> None:
    assert plotted(Decimal("0E-9")) == "0.000000000"
    assert plotted(Decimal("12345678901234567.123456789")) == "12345678901234567.123456789"
    assert plotted(None) is None
    assert plotted(float("inf")) is None


def test_json_in_a_script_element_cannot_end_it_and_reads_back_unchanged() -> None:
    content = {"</script><!--": ["<b>'&'</b>", "\u2028", "é"]}
    written = script_json(content)
    assert not set("<>&'\u2028") & set(written)
    assert json.loads(written) == content


def test_a_name_keeps_its_colour_whatever_order_it_comes_in() -> None:
    assert styles(["b", "a", "c"]) == styles(["c", "b", "a"])


def test_a_ninth_name_reuses_a_colour_with_a_pattern_so_that_no_two_look_alike() -> None:
    look = styles([f"n{number:02}" for number in range(30)])
    assert len({(style.colour, style.pattern) for style in look.values()}) == 30
    assert look["n00"].colour == look[f"n{len(COLOURS):02}"].colour


def test_a_known_provider_keeps_its_colour_and_an_unknown_one_never_takes_it() -> None:
    look = styles(["openai", "new.provider"], PROVIDER_COLOURS)
    assert look["openai"].colour == PROVIDER_COLOURS["openai"]
    assert look["new.provider"].colour not in PROVIDER_COLOURS.values()


def test_what_belongs_to_nobody_is_grey_on_every_chart() -> None:
    assert styles(["unallocated", "a"])["unallocated"] == styles(["unallocated"])["unallocated"]


def test_charts_do_not_carry_the_template_of_whoever_imported_plotly() -> None:
    figure = chart("k", "t", "c", go.Figure(go.Bar(x=["a"], y=["1"])), relation="rpt_x")
    assert json.loads(figure.spec)["layout"]["template"] == {}
