{#-
    Forecasts of series, season by season. `outlay backtest forecast` renders the macros of this
    folder without dbt, over anybody's series: they use nothing but their arguments.

    points: one row a step of each series, without a hole, as long before as is known and a horizon
        beyond: `keys` name the series; step, an integer; usd, NULL where it is unknown, not usual
        or to come.
    shape: season, steps after which days or weeks repeat; blocks, seasons that are forecast; lags,
        seasons before a target that say what is usual then, as (of block 1, steps back); profile,
        the same of a mean; level, seasons of which the newest and the usual level are; trend,
        what part of its growth is believed; made, forecasts that are made in a season.

    A block is one season ahead, numbered from 1; `origin` is the last step that a forecast knows.
    See DECISIONS.md, `forecast_usd`.
-#}

{#- A series without holes: what is unknown is as it last was at that phase of the season. -#}
{% macro forecast_filled_select(points, keys, shape) -%}
    select
        {{ keys | join(", ") }},
        step,
        {{ unrounded("usd") }} as known,
        last_value({{ unrounded("usd") }} ignore nulls) over (
            partition by {{ keys | join(", ") }}, (step % {{ shape.season }} + {{ shape.season }})
                % {{ shape.season }}
            order by step
        ) as filled
    from {{ points }}
{%- endmacro %}

{#-
    By target and block, what the season before said (`naive`), how other seasons differ from that,
    and their mean.
-#}
{% macro forecast_lags_select(filled, keys, shape) -%}
    {%- for block in range(1, shape.blocks + 1) %}
    select
        {{ keys | join(", ") }},
        step as target,
        {{ block }} as block,
        known,
        {{ filled_before([block, 0], shape, block) }} as naive,
        {%- for lag in shape.lags %}
        {{ filled_before(lag, shape, block) }} - naive as x{{ loop.index }},
        {%- endfor %}
        list_avg([
            {%- for lag in shape.profile %}
            {{ filled_before(lag, shape, block) }}{{ "," if not loop.last }}
            {%- endfor %}
        ]) as profile
    from {{ filled }}
    window before_{{ block }} as (partition by {{ keys | join(", ") }} order by step)
    {% if not loop.last -%}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#- What was at the phase of a target, a lag's seasons before it. -#}
{% macro filled_before(lag, shape, block) -%}
    {%- set seasons = lag[0] + (lag[1] * ((block - 1) // lag[1]) if lag[1] else 0) -%}
    lag(filled, {{ shape.season * seasons }}) over before_{{ block }}
{%- endmacro %}
