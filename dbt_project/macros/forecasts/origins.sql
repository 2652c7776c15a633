{#- What is known at an origin of the series as a whole: how it moved, and its newest level. -#}
{% macro forecast_origins_select(filled, keys, shape, wanted) -%}
    select
        {{ keys | join(", ") }},
        step as origin,
        filled - lag(filled, {{ shape.season }}) over series as last_move,
        {{ mean_over("filled", "one_season") }}
            - {{ mean_over("filled", "season_before") }} as move,
        {{ mean_over("filled", "newest") }} as newest_level,
        {{ mean_over("filled", "usual") }} as usual_level,
        -- by how much a season is above the one before, of the usual level and that before it; the
        -- first days of a week are no week
        case when count(filled) over before_usual = {{ shape.level[1] * shape.season }} then
            {{ growth(mean_over("filled", "before_usual"), mean_over("filled", "usual")) }}
                * {{ shape.level[1] ** -1 }}
        end as growth
    from {{ filled }}
    window
        series as (partition by {{ keys | join(", ") }} order by step),
        one_season as (series rows {{ shape.season - 1 }} preceding),
        season_before as (
            series rows between {{ 2 * shape.season - 1 }} preceding
            and {{ shape.season }} preceding
        ),
        newest as (series rows {{ shape.level[0] * shape.season - 1 }} preceding),
        usual as (series rows {{ shape.level[1] * shape.season - 1 }} preceding),
        before_usual as (
            series rows between {{ 2 * shape.level[1] * shape.season - 1 }} preceding
            and {{ shape.level[1] * shape.season }} preceding
        )
    qualify {{ wanted }} and last_move is not null
{%- endmacro %}

{#-
    Every step ahead of every origin: what happened, where that is known by now, the two plain
    forecasts of it, and how the lags differ from the first. A move fades within a season. Of its
    growth, within a tenth a season, the profile believes the part `trend`.
-#}
{% macro forecast_rows_select(lags, origins, keys, shape) -%}
    with ahead as (

        select
            *,
            origin + ahead as target,
            (ahead - 1) // {{ shape.season }} + 1 as block
        from {{ origins }}
        cross join (
            select range as ahead, exp(range * {{ -2 * shape.season ** -1 }}) as fading
            from range(1, {{ shape.season * shape.blocks + 1 }})
        ) as steps

    )

    select
        {{ keys | join(", ") }},
        ahead.origin,
        cast(ahead.ahead as integer) as ahead,
        cast(block as integer) as block,
        lags.known,
        lags.naive,
        -- a level that was not above 0 says nothing of a later one
        greatest(coalesce(
            case when ahead.usual_level > 0
                then lags.profile * {{ ratio("ahead.newest_level", "ahead.usual_level") }}
                {%- if shape.trend %}
                * exp({{ shape.trend }} * greatest(least(coalesce(ahead.growth, 0), 0.1), -0.1)
                    * (0.5 * {{ shape.level[0] }} + ahead.ahead * {{ shape.season ** -1 }}))
                {%- endif %} end,
            lags.naive
        ), 0) as profile,
        ahead.newest_level,
        {%- for _ in shape.lags %}
        coalesce(lags.x{{ loop.index }}, 0) as x{{ loop.index }},
        {%- endfor %}
        ahead.last_move * ahead.fading as x{{ shape.lags | length + 1 }},
        coalesce(ahead.move, 0) as x{{ shape.lags | length + 2 }}
    from ahead
    inner join {{ lags }} as lags using ({{ keys | join(", ") }}, target, block)
{%- endmacro %}

{#- The mean of what is known in a window. -#}
{% macro mean_over(column, window) -%}
    {{ ratio("sum(" ~ column ~ ") over " ~ window, "count(" ~ column ~ ") over " ~ window) }}
{%- endmacro %}
